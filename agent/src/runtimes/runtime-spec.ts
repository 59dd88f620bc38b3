import { RuntimeId, runtimeNames } from '@hilltop/contracts';

/** A person's own program that executes models, as it stands on the command line. */
export interface RuntimeSpec {
  readonly id: string;
  /** Program and arguments. */
  readonly command: readonly string[];
}

/** `tflite=/opt/run-tflite --xnnpack` -> its name and its words; no shell reads it. Throws a plain Error that says what is wrong. */
export function parseRuntime(text: string): RuntimeSpec {
  const at = text.indexOf('=');
  const id = text.slice(0, Math.max(0, at));
  const command = text
    .slice(at + 1)
    .split(/\s+/)
    .filter(Boolean);
  if (at < 1 || command.length === 0) throw new Error(`"${text}" is not NAME=COMMAND, such as tflite=/opt/run-tflite`);
  if (!RuntimeId.safeParse(id).success) throw new Error(`"${id}" is no name of a runtime, such as tflite`);
  if ((runtimeNames as readonly string[]).includes(id))
    throw new Error(`"${id}" is the name of a runtime that is built in`);
  if (!command[0]!.startsWith('/'))
    throw new Error(`"${command[0]}" is not a whole path: a measured program gets no PATH of yours`);
  return { id, command };
}
