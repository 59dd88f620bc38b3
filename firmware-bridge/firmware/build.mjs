// Builds every board's image into prebuilt/ and describes them in prebuilt/images.json.
//   node build.mjs            all images
//   node build.mjs --check    builds them elsewhere and fails if they or their description differ from what is committed
//   node build.mjs --host OUT the same firmware as a program of this machine
//   node build.mjs --fuzz OUT its fuzzer, with sanitizers: OUT CASES [SEED]
// Plain Node; needs arm-none-eabi-gcc (Debian: gcc-arm-none-eabi), for --host and --fuzz the machine's own gcc.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { boards } from './build/boards.mjs';
import { assembleBoot2, compile, compilerVersion } from './build/compile.mjs';
import { buildFuzz, buildHost } from './build/host.mjs';
import { flashImage, uf2 } from './build/pico-flash.mjs';
import { firmware, sourcesHash } from './build/sources.mjs';

const prebuilt = join(firmware, 'prebuilt');
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** File name -> bytes, the description among them. */
function buildAll(compiler) {
  const work = mkdtempSync(join(tmpdir(), 'hilltop-firmware-'));
  try {
    const files = new Map();
    const images = boards.map((board) => {
      const { image, sizes } = compile(board, join(work, board.name));
      files.set(`${board.name}.bin`, image);
      const flash = board.boot2 ? flashImage(assembleBoot2(board.boot2, join(work, board.name)), image) : undefined;
      if (flash) files.set(`${board.name}.uf2`, uf2(flash));
      return {
        board: board.name,
        title: board.title,
        file: `${board.name}.bin`,
        sha256: sha256(image),
        bytes: image.length,
        loadAt: board.loadAt,
        ...(flash ? { uf2: `${board.name}.uf2`, uf2Sha256: sha256(files.get(`${board.name}.uf2`)) } : {}),
        sizes,
        serial: board.serial,
        baud: 115200,
        ...(board.qemu ? { qemu: board.qemu } : {}),
        ran: board.ran,
      };
    });
    const description = { sources: sourcesHash(), compiler: `arm-none-eabi-gcc ${compiler}`, images };
    files.set('images.json', Buffer.from(`${JSON.stringify(description, undefined, 2)}\n`));
    return files;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function write(files) {
  mkdirSync(prebuilt, { recursive: true });
  for (const [name, bytes] of files) writeFileSync(join(prebuilt, name), bytes);
  for (const image of JSON.parse(files.get('images.json')).images)
    console.log(`${image.board}: ${image.bytes} bytes, ${JSON.stringify(image.sizes)}`);
}

/** Names of files that are not as committed. */
function different(files) {
  return [...files]
    .filter(([name, bytes]) => {
      const path = join(prebuilt, name);
      return !existsSync(path) || !readFileSync(path).equals(bytes);
    })
    .map(([name]) => name);
}

function main([option, value]) {
  if (option === '--host' || option === '--fuzz') {
    if (!value) throw new Error(`say where: node build.mjs ${option} OUT`);
    (option === '--host' ? buildHost : buildFuzz)(value);
    return;
  }
  const compiler = compilerVersion();
  if (!compiler) throw new Error('arm-none-eabi-gcc is not installed (Debian: apt-get install gcc-arm-none-eabi)');
  if (option !== '--check') {
    write(buildAll(compiler));
    return;
  }
  const committed = JSON.parse(readFileSync(join(prebuilt, 'images.json'), 'utf8')).compiler;
  if (committed !== `arm-none-eabi-gcc ${compiler}`)
    throw new Error(`the images were built by ${committed} and this is ${compiler}: only the same compiler can check them`);
  const names = different(buildAll(compiler));
  if (names.length > 0) throw new Error(`not what the sources give: ${names.join(', ')}; run node build.mjs and commit prebuilt/`);
  console.log('the images are those of the sources');
}

try {
  main(process.argv.slice(2));
} catch (error) {
  console.error(`firmware: ${error.message}`);
  process.exitCode = 1;
}
