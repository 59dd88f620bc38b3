import { existsSync } from 'node:fs';
import { describe } from '@jest/globals';
import { chromiumPath } from './browser.js';

/** A suite that needs the browser; without one it is skipped, and the set-up has said the line to type. */
export const describeWithBrowser = existsSync(chromiumPath) ? describe : describe.skip;
