#!/usr/bin/env node
// Committed launcher: npm links a workspace's bin only if the file exists before the build.
import { existsSync } from 'node:fs';

const main = new URL('../dist/main.js', import.meta.url);
const [major, minor] = process.versions.node.split('.').map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  fail(`hilltop needs Node 20.19 or newer and this is ${process.version}: install it from https://nodejs.org.`);
} else if (!existsSync(main)) {
  fail('hilltop is not built yet: run `npm run setup` in the clone.');
} else {
  await import(main.href);
}

function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 3;
}
