import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

// npm's own constant date for packed files: the archive must not depend on when it was made.
const mtime = Date.UTC(1985, 9, 26, 8, 15) / 1000;
const block = 512;

/** Writes a gzipped ustar archive. `entries` yields {name, mode, bytes}; the same entries give the same file. */
export async function writeTgz(path, entries) {
  await pipeline(archive(entries), createGzip({ level: 6 }), createWriteStream(path));
}

function* archive(entries) {
  for (const { name, mode, bytes } of entries) {
    yield header(name, mode, bytes.length);
    yield bytes;
    const rest = bytes.length % block;
    if (rest > 0) yield Buffer.alloc(block - rest);
  }
  yield Buffer.alloc(2 * block);
}

function header(path, mode, size) {
  const { name, prefix } = split(path);
  const bytes = Buffer.alloc(block);
  bytes.write(name, 0, 100, 'utf8');
  octal(mode, 100, 8);
  octal(0, 108, 8); // owner
  octal(0, 116, 8); // group
  octal(size, 124, 12);
  octal(mtime, 136, 12);
  bytes.write('        ', 148, 8, 'latin1'); // the checksum counts as spaces while it is taken
  bytes.write('0', 156, 1, 'latin1'); // a regular file
  bytes.write('ustar\x0000', 257, 8, 'latin1');
  bytes.write(prefix, 345, 155, 'utf8');
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 8, 'latin1');
  return bytes;

  function octal(value, at, length) {
    bytes.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, length, 'latin1');
  }
}

/** ustar has 100 bytes for the name and 155 for the folders before it. */
function split(path) {
  if (Buffer.byteLength(path) <= 100) return { name: path, prefix: '' };
  for (let cut = path.indexOf('/'); cut > 0; cut = path.indexOf('/', cut + 1)) {
    const prefix = path.slice(0, cut);
    const name = path.slice(cut + 1);
    if (Buffer.byteLength(name) <= 100 && Buffer.byteLength(prefix) <= 155) return { name, prefix };
  }
  throw new Error(`${path} is too long for a ustar archive`);
}
