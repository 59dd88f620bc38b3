import { LabError } from '@hilltop/contracts';
import { sha256 } from '@noble/hashes/sha2';
import { bytesToHex } from '@noble/hashes/utils';

/** Bytes that are what their name says. Throws `artifact.corrupt`. */
export async function checkedBytes(
  wanted: string,
  fetchBytes: (sha256: string) => Promise<Blob>,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(await (await fetchBytes(wanted)).arrayBuffer());
  const got = bytesToHex(sha256(bytes));
  if (got !== wanted)
    throw new LabError('artifact.corrupt', `the bytes that came are not ${wanted}: try again`, { got, wanted });
  return bytes;
}
