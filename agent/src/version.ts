import { createRequire } from 'node:module';

/** Version of this agent's package. */
export const version: string = (createRequire(import.meta.url)('../package.json') as { version: string }).version;
