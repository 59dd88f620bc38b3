import { type ColumnType, columnBytes, type Observations, observationColumns } from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import zstd from '@toondepauw/node-zstd';
import { BlobStore } from '../links/blob-store.js';
import { Database } from '../links/database.js';
import { ObservationSegmentEntity } from './observation-segment.entity.js';

export type Segment = Pick<
  ObservationSegmentEntity,
  'runId' | 'seq' | 'kind' | 'block' | 'rows' | 'blob' | 'offset' | 'length'
>;
export type Placed = Pick<Segment, 'blob' | 'offset' | 'length'>;

/** Observations are written once and read rarely; level 3 keeps up with any link. */
const level = 3;

/** Raw observations: compressed blobs, one for each batch of the journal; the database knows where each batch lies. */
@Injectable()
export class ObservationStore {
  constructor(
    private readonly blobs: BlobStore,
    private readonly database: Database,
  ) {}

  /** Stores batches in one blob that is on disk when this resolves; the answer says where each of them lies. */
  async put(batches: readonly Observations[]): Promise<Placed[]> {
    const parts = batches.map(columnsOf);
    const bytes = Buffer.concat(parts);
    const blob = await this.blobs.put(await new zstd.Encoder(level).encode(bytes), { maxBytes: bytes.length + 65_536 });
    let offset = 0;
    return parts.map((part) => {
      const placed = { blob: blob.sha256, offset, length: part.length };
      offset += part.length;
      return placed;
    });
  }

  /** Segments of an attempt in the order of `seq`, and the compressed blobs they lie in. */
  async segments(
    runId: string,
    attempt: number,
    where: Partial<Pick<Segment, 'kind'>> = {},
  ): Promise<{ segments: Segment[]; blobs: Map<string, Uint8Array> }> {
    const segments = await this.database.reader
      .getRepository(ObservationSegmentEntity)
      .find({ where: { runId, attempt, ...where }, order: { seq: 'ASC' } });
    const blobs = new Map<string, Uint8Array>();
    for (const { blob } of segments) if (!blobs.has(blob)) blobs.set(blob, await this.blobs.read(blob));
    return { segments, blobs };
  }
}

/** Compressed blobs and segments -> batches, views into the inflated bytes. */
export function readSegments(segments: readonly Segment[], blobs: ReadonlyMap<string, Uint8Array>): Observations[] {
  const inflated = new Map<string, Buffer>();
  return segments.map((segment) => {
    let bytes = inflated.get(segment.blob);
    if (!bytes) {
      const packed = blobs.get(segment.blob)!;
      bytes = new zstd.Decoder().decodeSync(Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength));
      inflated.set(segment.blob, bytes);
    }
    const { runId, seq, kind, block, rows } = segment;
    let at = segment.offset;
    const columns = Object.entries<ColumnType>(observationColumns[kind]).map(([name, type]) => {
      const column = bytes.subarray(at, at + rows * columnBytes[type]);
      at += column.length;
      return [name, column] as const;
    });
    return { runId, fence: 1, seq, kind, block, rows, columns: Object.fromEntries(columns) };
  });
}

function columnsOf(batch: Observations): Uint8Array {
  return Buffer.concat(Object.keys(observationColumns[batch.kind]).map((name) => batch.columns[name]!));
}
