import { createHash } from 'node:crypto';
import { LabError, type Upload } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { type UploadProgress, uploadFile } from './upload-file.js';

describe('upload', () => {
  const bytes = Uint8Array.from({ length: 9_000_000 }, (_, i) => i % 251);
  const digest = createHash('sha256').update(bytes).digest('hex');

  function lab(answers: readonly (LabError | 'take' | 'take and lose the answer')[], start = 0) {
    const sent: number[] = [];
    const upload: Upload = {
      id: 'upl_aaaaaaaa1',
      sha256: digest,
      bytes: bytes.length,
      offset: start,
      complete: start === bytes.length,
    };
    const left = [...answers];
    const api = {
      createUpload: async () => ({ ...upload }),
      upload: async () => ({ ...upload }),
      appendUpload: async (_id: string, offset: number, part: Blob) => {
        const answer = left.shift() ?? 'take';
        if (answer instanceof LabError) throw answer;
        if (offset !== upload.offset) throw new LabError('upload.offset-mismatch', 'go on where it is');
        sent.push(part.size);
        upload.offset += part.size;
        upload.complete = upload.offset === bytes.length;
        if (answer !== 'take') throw new LabError('lab.unreachable', 'gone');
        return { ...upload };
      },
    };
    const waits: number[] = [];
    const progress: UploadProgress[] = [];
    return {
      sent,
      waits,
      progress,
      ports: {
        api,
        wait: async (ms: number) => void waits.push(ms),
        onProgress: (p: UploadProgress) => void progress.push(p),
      },
    };
  }

  it('[DASH-9] hashes first and sends in pieces', async () => {
    const { sent, progress, ports } = lab([]);
    expect(await uploadFile(new Blob([bytes]), ports)).toBe(digest);
    expect(sent).toEqual([4_194_304, 4_194_304, 611_392]);
    expect([progress[0]!.step, progress.at(-1)]).toEqual(['hashing', { step: 'done', fraction: 1 }]);
  });

  it('[DASH-9] goes on from the offset of the lab after a cut, also when only the answer was lost', async () => {
    const { sent, waits, ports } = lab([new LabError('lab.unreachable', 'gone'), 'take and lose the answer']);
    expect(await uploadFile(new Blob([bytes]), ports)).toBe(digest);
    expect([sent, waits]).toEqual([
      [4_194_304, 4_194_304, 611_392],
      [500, 1000],
    ]);
  });

  it('[DASH-9] sends nothing that is there already', async () => {
    const { sent, ports } = lab([], bytes.length);
    await uploadFile(new Blob([bytes]), ports);
    expect(sent).toEqual([]);
  });

  it('gives up on a refusal at once, and on a lab that stays away in the end', async () => {
    const refused = lab([new LabError('upload.hash-mismatch', 'other bytes')]);
    await expect(uploadFile(new Blob([bytes]), refused.ports)).rejects.toMatchObject({ code: 'upload.hash-mismatch' });
    const away = lab(Array.from({ length: 20 }, () => new LabError('lab.unreachable', 'gone')));
    await expect(uploadFile(new Blob([bytes]), away.ports)).rejects.toMatchObject({ code: 'lab.unreachable' });
  });
});
