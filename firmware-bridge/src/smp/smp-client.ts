import { errorText, isLabError, LabError } from '@hilltop/contracts';
import type * as z from 'zod';
import type { BytePort } from '../port.js';
import { realTimer, type Timer } from '../timer.js';
import { decodePayload, encodePayload } from './cbor.js';
import { encodeFrame } from './frame.js';
import { type DiscardReason, FrameParser } from './frame-parser.js';
import { decodePacket, encodePacket, type SmpPacket, type SmpVersion, smpOperations } from './packet.js';
import { refusalOf, refused, versionTooNew } from './refusal.js';

export interface SmpClientOptions {
  /** First version to speak; a server that finds 2 too new is spoken to in 1. */
  readonly version?: SmpVersion;
  /** For one attempt of a request that does not say otherwise. */
  readonly timeoutMs?: number;
  /** Attempts of a request that does not say otherwise. */
  readonly attempts?: number;
  readonly timer?: Timer;
  /** Longest answer that is believed, without length and CRC. */
  readonly answerBytes?: number;
}

export interface SmpRequest<Answer> {
  /** For messages: `the upload of the plan`. */
  readonly what: string;
  readonly operation: 'read' | 'write';
  readonly group: number;
  readonly command: number;
  readonly payload: object;
  /** What the answer must be. */
  readonly answer: z.ZodType<Answer>;
  readonly timeoutMs?: number;
  readonly attempts?: number;
  readonly signal?: AbortSignal | undefined;
}

/** What went over the wire, and what was not as it should be. */
export interface SmpCounters {
  requests: number;
  /** Attempts beyond the first. */
  retries: number;
  /** Answers to a request that was given up, or answered already. */
  late: number;
  duplicate: number;
  /** Packets that answer nothing we asked. */
  unmatched: number;
  bytesOut: number;
  bytesIn: number;
  /** Events of each kind of damage, and the bytes lost by it. */
  discarded: Partial<Record<DiscardReason, number>>;
  discardedBytes: number;
}

interface Waiting {
  readonly request: SmpPacket;
  readonly settle: (outcome: { readonly answer: SmpPacket } | { readonly error: unknown } | 'timeout') => void;
}

const defaults = { version: 2, timeoutMs: 2000, attempts: 3, answerBytes: 16_384 } as const;
/** Answered or abandoned requests that are remembered, to tell a late answer from a strange one. */
const remembered = 32;

/**
 * One server on one port: one request at a time, as SMP over a serial line demands; others wait in line. A request is sent again as it
 * is (same sequence number, so that the answer to any attempt counts) after a newline that ends whatever the server has half received.
 */
export class SmpClient {
  readonly counters: SmpCounters = {
    requests: 0,
    retries: 0,
    late: 0,
    duplicate: 0,
    unmatched: 0,
    bytesOut: 0,
    bytesIn: 0,
    discarded: {},
    discardedBytes: 0,
  };
  private readonly parser: FrameParser;
  private readonly timer: Timer;
  private readonly text = new Set<(bytes: Uint8Array) => void>();
  private readonly stopListening: Array<() => void>;
  private readonly past: Array<{ readonly request: SmpPacket; readonly answered: boolean }> = [];
  private version: SmpVersion;
  private sequence = 0;
  private line: Promise<unknown> = Promise.resolve();
  private waiting: Waiting | undefined;
  private closed: LabError | undefined;
  /** What was repeated before its answer came is done again: so long the server may not hear the next request, ms. */
  private owedMs = 0;

  constructor(
    private readonly port: BytePort,
    private readonly options: SmpClientOptions = {},
  ) {
    this.parser = new FrameParser({ packetBytes: options.answerBytes ?? defaults.answerBytes });
    this.timer = options.timer ?? realTimer;
    this.version = options.version ?? defaults.version;
    this.stopListening = [port.onData((bytes) => this.take(bytes)), port.onClose((reason) => this.end(reason))];
  }

  /**
   * Asks, and gives the checked answer. Throws `device.no-answer` after the last attempt, `device.refused` with the server's
   * numbers, `device.protocol` for an answer that cannot be, `device.unplugged`, or the signal's reason.
   */
  async request<Answer>(request: SmpRequest<Answer>): Promise<Answer> {
    const turn = this.line.then(() => this.converse(request));
    this.line = turn.catch(() => undefined);
    return turn;
  }

  /** Bytes beside the protocol, when no request is under way: inside a frame they would break it. Throws `device.unplugged`. */
  async write(bytes: Uint8Array): Promise<void> {
    const turn = this.line.then(() => {
      if (this.closed) throw this.closed;
      this.counters.bytesOut += bytes.length;
      return this.port.write(bytes);
    });
    this.line = turn.catch(() => undefined);
    return turn;
  }

  /** What the board says beside the protocol, as it comes: log lines, prompts, bytes of damaged lines. */
  onText(listener: (bytes: Uint8Array) => void): () => void {
    this.text.add(listener);
    return () => this.text.delete(listener);
  }

  /** Lets go of the port without closing it; a request under way ends as unplugged. */
  detach(): void {
    this.end(undefined);
  }

  private async converse<Answer>(request: SmpRequest<Answer>): Promise<Answer> {
    const packet = await this.exchange(request);
    const fields = decodePayload(packet.payload);
    const refusal = refusalOf(fields);
    if (refusal?.rc === versionTooNew && this.version === 2) {
      this.version = 1;
      return this.converse(request);
    }
    if (refusal) throw refused(request.what, refusal, fields);
    const answer = request.answer.safeParse(fields);
    if (answer.success) return answer.data;
    const issue = answer.error.issues[0];
    throw lie(request.what, `${issue?.path.join('.') || 'answer'}: ${issue?.message}`);
  }

  private async exchange(request: SmpRequest<unknown>): Promise<SmpPacket> {
    this.counters.requests++;
    this.sequence = (this.sequence + 1) & 0xff;
    const packet: SmpPacket = {
      version: this.version,
      operation: smpOperations[request.operation],
      group: request.group,
      command: request.command,
      sequence: this.sequence,
      payload: encodePayload(request.payload),
    };
    const frame = encodeFrame(encodePacket(packet));
    const attempts = request.attempts ?? this.options.attempts ?? defaults.attempts;
    const timeoutMs = request.timeoutMs ?? this.options.timeoutMs ?? defaults.timeoutMs;
    const { owedMs } = this;
    this.owedMs = 0;
    for (let attempt = 1; attempt <= attempts; attempt++) {
      request.signal?.throwIfAborted();
      if (this.closed) throw this.closed;
      if (attempt > 1) this.counters.retries++;
      const bytes = attempt === 1 ? frame : Buffer.concat([Buffer.of(0x0a), frame]);
      const answer = await this.attempt(packet, bytes, timeoutMs + (attempt === 1 ? owedMs : 0), request.signal);
      if (!answer) continue;
      this.owedMs = (attempt - 1) * timeoutMs;
      return answer;
    }
    throw new LabError(
      'device.no-answer',
      `the board does not answer ${request.what} (${attempts} attempts, ${timeoutMs} ms each); reset it, or check wiring and baud rate`,
      { cause: 'device', attempts, timeoutMs },
    );
  }

  /** The answer, or undefined when the time is over. The wait is registered before the write. */
  private attempt(
    request: SmpPacket,
    bytes: Uint8Array,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<SmpPacket | undefined> {
    return new Promise((resolve, reject) => {
      const abort = (): void => settle({ error: signal?.reason });
      const settle: Waiting['settle'] = (outcome) => {
        if (this.waiting?.settle !== settle) return;
        this.waiting = undefined;
        cancel();
        signal?.removeEventListener('abort', abort);
        this.remember(request, typeof outcome === 'object' && 'answer' in outcome);
        if (outcome === 'timeout') resolve(undefined);
        else if ('error' in outcome) reject(outcome.error);
        else resolve(outcome.answer);
      };
      this.waiting = { request, settle };
      const cancel = this.timer.after(timeoutMs, () => settle('timeout'));
      signal?.addEventListener('abort', abort, { once: true });
      this.counters.bytesOut += bytes.length;
      this.port.write(bytes).catch((error: unknown) => settle({ error }));
    });
  }

  private take(bytes: Uint8Array): void {
    this.counters.bytesIn += bytes.length;
    for (const event of this.parser.push(bytes)) {
      if (event.kind === 'packet') this.receive(event.bytes);
      else if (event.kind === 'text') for (const listener of [...this.text]) listener(event.bytes);
      else {
        this.counters.discarded[event.reason] = (this.counters.discarded[event.reason] ?? 0) + 1;
        this.counters.discardedBytes += event.bytes;
      }
    }
  }

  private receive(bytes: Uint8Array): void {
    let packet: SmpPacket;
    try {
      packet = decodePacket(bytes);
    } catch (error) {
      // The CRC is right, so the server meant it: whoever waits is told.
      if (!isLabError(error)) throw error;
      if (this.waiting) this.waiting.settle({ error: lie('what was asked', errorText(error)) });
      else this.counters.unmatched++;
      return;
    }
    if (this.waiting && answers(packet, this.waiting.request)) {
      this.waiting.settle({ answer: packet });
      return;
    }
    const earlier = this.past.find(({ request }) => answers(packet, request));
    if (!earlier) this.counters.unmatched++;
    else if (earlier.answered) this.counters.duplicate++;
    else this.counters.late++;
  }

  /** Newest first: sequence numbers come round again after 256 requests. */
  private remember(request: SmpPacket, answered: boolean): void {
    this.past.unshift({ request, answered });
    this.past.length = Math.min(this.past.length, remembered);
  }

  private end(reason: LabError | undefined): void {
    if (this.closed) return;
    for (const stop of this.stopListening) stop();
    this.closed =
      reason ?? new LabError('device.unplugged', `${this.port.identity.name} was closed`, { cause: 'infrastructure' });
    this.waiting?.settle({ error: this.closed });
  }
}

function answers(packet: SmpPacket, request: SmpPacket): boolean {
  return (
    packet.operation === request.operation + 1 &&
    packet.group === request.group &&
    packet.command === request.command &&
    packet.sequence === request.sequence
  );
}

/** `device.protocol`: an answer that is well framed and cannot be. */
export function lie(what: string, why: string): LabError {
  return new LabError('device.protocol', `the board's answer to ${what} cannot be: ${why}`, { cause: 'device' });
}
