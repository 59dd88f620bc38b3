import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const archive = join(root, 'dist', 'agent.tgz'); // made by the set-up
const prefix = realpathSync(mkdtempSync(join(tmpdir(), 'hilltop-agent-')));
const installed = join(prefix, 'lib', 'node_modules', 'hilltop-agent');

/** An environment without anybody's npm settings. */
const env = {
  PATH: process.env.PATH,
  HOME: join(prefix, 'home'),
};

beforeAll(() => {
  const npm = process.env.npm_execpath?.endsWith('npm-cli.js') ? [process.execPath, process.env.npm_execpath] : ['npm'];
  const install = ['install', '-g', '--offline', '--prefix', prefix, archive];
  execFileSync(npm[0] as string, [...npm.slice(1), ...install], { env, cwd: prefix, stdio: 'pipe' });
}, 120_000);

afterAll(() => rmSync(prefix, { recursive: true, force: true }));

test('the package installs without a registry, and its natives load', async () => {
  const probe = `
    const { Encoder } = await import('@toondepauw/node-zstd');
    const ort = await import('onnxruntime-node');
    const { SerialPort } = await import('${installed}/node_modules/serialport/dist/index.js');
    for (const name of ['@hilltop/contracts', '@hilltop/firmware-bridge', 'cborg', 'mqtt', 'pino']) await import(name);
    const packed = new Encoder(3).encodeSync(Buffer.alloc(1000)).length < 100;
    console.log(JSON.stringify([packed, typeof ort.InferenceSession.create, typeof SerialPort.list]));`;
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', probe], { env, cwd: installed });
  expect(JSON.parse(out.toString())).toEqual([true, 'function', 'function']);
});

test('no package in it has an install script, or something npm would compile', () => {
  const found: string[] = [];
  for (const entry of readdirSync(installed, { recursive: true, encoding: 'utf8' })) {
    if (entry.endsWith('binding.gyp')) found.push(entry);
    if (!/(^|\/)node_modules\/(@[^/]+\/)?[^/]+\/package\.json$/.test(entry)) continue;
    const { scripts } = JSON.parse(readFileSync(join(installed, entry), 'utf8'));
    if (scripts) found.push(entry);
  }
  expect(found).toEqual([]);
});

test('it holds the natives of linux x64 and arm64', () => {
  const modules = join(installed, 'node_modules');
  expect({
    onnxruntime: readdirSync(join(modules, 'onnxruntime-node/bin/napi-v6')),
    architectures: readdirSync(join(modules, 'onnxruntime-node/bin/napi-v6/linux')).sort(),
    serial: readdirSync(join(modules, '@serialport/bindings-cpp/prebuilds')).sort(),
    zstd: readdirSync(join(modules, '@toondepauw')).sort(),
  }).toEqual({
    onnxruntime: ['linux'],
    architectures: ['arm64', 'x64'],
    serial: ['linux-arm64', 'linux-x64'],
    zstd: ['node-zstd', 'node-zstd-linux-arm64-gnu', 'node-zstd-linux-x64-gnu'],
  });
});

test.each([
  ['an old Node', `Object.defineProperty(process.versions, 'node', { value: '18.20.4' })`],
  ['a 32-bit ARM', `Object.defineProperty(process, 'arch', { value: 'arm' })`],
])('%s gets one sentence with the remedy and status 3', async (_, pretence) => {
  const code = `${pretence}; require('${installed}/bin/hilltop-agent.cjs')`;
  const { status, stderr } = await new Promise<{ status: unknown; stderr: string }>((resolve) => {
    execFile(process.execPath, ['-e', code], { env }, (error, _out, stderr) =>
      resolve({ status: error?.code, stderr }),
    );
  });
  expect({ status, lines: stderr.trim().split('\n').length }).toEqual({ status: 3, lines: 1 });
});
