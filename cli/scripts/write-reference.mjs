// Writes docs/cli.md from the verb table; a test checks that it is current. Needs the build.
import { writeFileSync } from 'node:fs';
import { markdownReference } from '../dist/shell/help.js';

writeFileSync(new URL('../../docs/cli.md', import.meta.url), markdownReference());
