import { readFile } from 'node:fs/promises';
import { checkPackFitsModel, type ModelFacts, readNpz } from '@hilltop/compression';
import { encodeTensorPack, isLabError, LabError, type TensorPack } from '@hilltop/contracts';
import { sha256Of } from './artifact-record.js';

export interface Data {
  readonly pack: TensorPack;
  /** Of the encoded pack, as in a lab: the same items are the same data, however they were zipped. */
  readonly sha256: string;
}

/** Items for a model. Throws the codes of `readNpz` and `checkPackFitsModel`, and `usage.invalid` where it cannot be read. */
export async function readData(file: string | undefined, facts: ModelFacts): Promise<Data | undefined> {
  if (file === undefined) return undefined;
  try {
    const pack = await readNpz(await readBytes(file));
    checkPackFitsModel(pack, facts);
    return { pack, sha256: sha256Of(encodeTensorPack(pack)) };
  } catch (error) {
    // Two files of data may be given: which one it is is half the remedy.
    if (!isLabError(error) || error.code === 'usage.invalid') throw error;
    throw new LabError(error.code, `${file}: ${error.message}`, { ...error.details, file }, { cause: error });
  }
}

/** Throws `usage.invalid`. */
export async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new LabError('usage.invalid', `cannot read ${file}: is the name right?`, { file }, { cause: error });
  }
}
