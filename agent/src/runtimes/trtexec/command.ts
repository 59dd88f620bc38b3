import type { RunSettings, TensorInfo } from '@hilltop/contracts';

/** The installed TensorRT. */
export interface TrtexecVersion {
  readonly text: string;
  readonly major: number;
  readonly minor: number;
}

/**
 * trtexec's banner, `&&&& RUNNING TensorRT.trtexec [TensorRT v8502] # trtexec --help`. The number is 1000 major + 100 minor + patch up to
 * TensorRT 9 (8502: 8.5.2), 10,000 major + 100 minor + patch in 10 (100300: 10.3.0), and has dots from 11 on. undefined where there is none.
 */
export function parseVersion(output: string): TrtexecVersion | undefined {
  const text = /\[TensorRT v([\d.]+)\]/.exec(output)?.[1];
  if (text === undefined) return undefined;
  const cut = (majorEnd: number, minorEnd: number): string[] => [
    text.slice(0, majorEnd),
    text.slice(majorEnd, minorEnd),
    text.slice(minorEnd),
  ];
  const digits = text.includes('.') ? text.split('.') : text.length <= 4 ? cut(1, 2) : cut(-4, -2);
  const parts = digits.map(Number);
  const [major, minor, patch] = parts;
  if (!major || !Number.isInteger(minor) || !Number.isInteger(patch)) return undefined;
  return { text: `${major}.${minor}.${patch}`, major, minor: minor! };
}

type Build = Pick<RunSettings, 'precision'> & {
  readonly version: TrtexecVersion;
  /** Memory that the builder may try tactics with, MiB. */
  readonly workspaceMib: number;
};

/**
 * Builds an engine from a model. One inference is made with it: `--buildOnly` of older and `--skipInference` of newer versions do the
 * same, and no version knows both.
 */
export function buildArguments(
  modelPath: string,
  enginePath: string,
  inputs: readonly TensorInfo[],
  { precision, version, workspaceMib }: Build,
  shapes: 'dynamic' | 'static',
): string[] {
  return [
    `--onnx=${modelPath}`,
    `--saveEngine=${enginePath}`,
    ...(shapes === 'dynamic' ? [shapesArgument(inputs)] : []),
    ...(precision === 'fp16' ? ['--fp16'] : []),
    // What has no scales of its own falls back to a wider type.
    ...(precision === 'int8' ? ['--int8', '--fp16'] : []),
    version.major > 8 || (version.major === 8 && version.minor >= 4)
      ? `--memPoolSize=workspace:${workspaceMib}`
      : `--workspace=${workspaceMib}`,
    '--iterations=1',
    '--duration=0',
    '--warmUp=0',
  ];
}

interface Execute {
  readonly inputs: ReadonlyArray<TensorInfo & { readonly file: string }>;
  readonly shapes: 'dynamic' | 'static';
  readonly iterations: number;
  readonly durationS: number;
  readonly timesPath?: string;
  readonly outputPath?: string;
  readonly profilePath?: string;
}

/** Executes an engine. Nothing is warmed up by trtexec itself: it is told from what was measured, by the protocol's own rule. */
export function executeArguments(enginePath: string, execute: Execute): string[] {
  const { inputs, shapes, iterations, durationS, timesPath, outputPath, profilePath } = execute;
  return [
    `--loadEngine=${enginePath}`,
    ...(shapes === 'dynamic' ? [shapesArgument(inputs)] : []),
    `--loadInputs=${inputs.map(({ name, file }) => `${quoted(name)}:${file}`).join(',')}`,
    `--iterations=${iterations}`,
    `--duration=${durationS}`,
    '--warmUp=0',
    // Waiting for the GPU without sleeping: less spread, one core busy.
    '--useSpinWait',
    ...(timesPath === undefined ? [] : [`--exportTimes=${timesPath}`]),
    ...(outputPath === undefined ? [] : [`--exportOutput=${outputPath}`]),
    ...(profilePath === undefined ? [] : ['--dumpProfile', `--exportProfile=${profilePath}`]),
  ];
}

/** Sizes of the inputs, as trtexec takes them. */
export const shapesArgument = (inputs: readonly TensorInfo[]): string =>
  `--shapes=${inputs.map(({ name, dims }) => `${quoted(name)}:${dims.join('x')}`).join(',')}`;

/** A name with a colon stands in single quotes, as trtexec's help says. */
const quoted = (name: string): string => (name.includes(':') ? `'${name}'` : name);
