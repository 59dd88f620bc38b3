import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** What the bytes of a folded model depend on besides the model: part of every artifact's id. */
export interface HostPlatform {
  /** E.g. `onnxruntime-1.30.0`. */
  readonly runtime: string;
  /** E.g. `x64-avx512-vnni`: instruction sets that change the order of float sums. */
  readonly cpu: string;
}

/** Instruction sets ONNX Runtime's kernels choose by, from weakest to strongest, as /proc/cpuinfo names them. */
const features = ['avx', 'avx2', 'fma', 'avx512f', 'avx_vnni', 'avx512_vnni', 'amx_int8', 'asimddp', 'i8mm', 'sve'];

/** CPU class from the text of /proc/cpuinfo. */
export function cpuClass(arch: string, cpuinfo: string): string {
  const flags = new Set(/^(?:flags|Features)\s*:\s*(.*)$/m.exec(cpuinfo)?.[1]?.split(/\s+/));
  return [arch, ...features.filter((f) => flags.has(f))].join('-');
}

let known: HostPlatform | undefined;

/** The platform this process's children run on. */
export function hostPlatform(): HostPlatform {
  if (known) return known;
  let cpuinfo = '';
  try {
    cpuinfo = readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    // Not Linux: the architecture alone is the class (Apple and Windows builds have one code path each).
  }
  const manifest = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };
  known = { runtime: `onnxruntime-${manifest.version}`, cpu: cpuClass(process.arch, cpuinfo) };
  return known;
}
