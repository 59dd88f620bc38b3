#!/usr/bin/env node
// Written in ES5 on purpose: the Node that Debian and Raspberry Pi OS bring along may be too old to
// parse anything newer, and its owner shall read one sentence instead of a syntax error.
'use strict';
var fs = require('fs');
var path = require('path');

var version = process.versions.node.split('.');
var major = Number(version[0]);
var minor = Number(version[1]);
var main = path.join(__dirname, '..', 'dist', 'main.js');

function fail(sentence) {
  process.stderr.write(sentence + '\n');
  process.exit(3);
}

if (process.platform === 'linux' && process.arch !== 'x64' && process.arch !== 'arm64') {
  fail(
    'hilltop-agent has no ONNX Runtime for ' +
      process.arch +
      ': use a 64-bit system (x64 or arm64), such as the ' +
      '64-bit Raspberry Pi OS.',
  );
} else if (major < 20 || (major === 20 && minor < 19)) {
  fail(
    'hilltop-agent needs Node 20.19 or newer and this is ' +
      process.version +
      ': install it from ' +
      'https://nodejs.org.',
  );
} else if (!fs.existsSync(main)) {
  fail('hilltop-agent is not built yet: run `npm run setup` in the clone.');
} else {
  require('./load.cjs');
}
