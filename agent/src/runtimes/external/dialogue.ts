import type { ChildProcess } from 'node:child_process';
import { runFailure } from '../outcome.js';
import { type Answer, answers, lineLimit, type Question, Refusal } from './wire.js';

/** The program ended in the middle of the conversation: how it ended is the reason. */
export class ProgramGone extends Error {}

const refusalCodes = {
  'model-rejected': 'run.model-rejected',
  'out-of-memory': 'run.out-of-memory',
  failed: 'run.crashed',
} as const;

/** Clocks of two processes tick differently fine: so much more than the wall is forgiven, ns. */
const clockNs = 50_000;

/** A conversation with a program: one question at a time, each answer validated here, once. */
export class Dialogue {
  private rest: Buffer = Buffer.alloc(0);
  private waiting: { readonly take: (line: string) => void; readonly fail: (error: unknown) => void } | undefined;
  private broken: unknown;

  constructor(private readonly child: ChildProcess) {
    child.stdout!.on('data', (bytes: Buffer) => this.push(bytes));
    child.once('close', () => this.end(new ProgramGone('the program ended')));
    child.once('error', (error) => this.end(error));
  }

  /**
   * Asks, and resolves with the answer and how long it took, ns on this side's clock. Throws `runtime.protocol` for what is no answer,
   * the program's own refusal, `ProgramGone`.
   */
  async ask<D extends Question['do']>(
    question: Extract<Question, { do: D }>,
  ): Promise<{ answer: Answer<D>; wallNs: number }> {
    if (this.broken !== undefined) throw this.broken;
    const start = process.hrtime.bigint();
    const answered = new Promise<string>((take, fail) => {
      this.waiting = { take, fail };
    });
    this.child.stdin!.write(`${JSON.stringify(question)}\n`);
    const line = await answered;
    const wallNs = Number(process.hrtime.bigint() - start);
    return { answer: parsed(question.do, line), wallNs };
  }

  /** The same for inferences: their times, which together cannot be longer than the wait was. Throws `runtime.implausible` too. */
  async infer(kind: 'warmup' | 'infer', inferences: number, readInputs = false): Promise<Float64Array> {
    const { answer, wallNs } = await this.ask({ do: kind, inferences, readInputs });
    if (answer.ns.length !== inferences)
      throw protocolError(`it was asked for ${inferences} inferences and tells the time of ${answer.ns.length}`);
    plausible(answer.ns, wallNs);
    return Float64Array.from(answer.ns, (ns) => ns / 1e6);
  }

  /** Nothing more is asked. */
  quit(): void {
    this.child.stdin!.end(`${JSON.stringify({ do: 'quit' })}\n`);
  }

  private push(bytes: Buffer): void {
    this.rest = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    for (let at = this.rest.indexOf(10); at >= 0; at = this.rest.indexOf(10)) {
      const line = this.rest.toString('utf8', 0, at);
      this.rest = this.rest.subarray(at + 1);
      const { waiting } = this;
      this.waiting = undefined;
      if (waiting) waiting.take(line);
      else this.end(protocolError(`it said "${line.slice(0, 80)}" without being asked`));
    }
    if (this.rest.length > lineLimit) this.end(protocolError(`a line is longer than ${lineLimit} bytes`));
  }

  private end(error: unknown): void {
    this.broken ??= error;
    this.waiting?.fail(this.broken);
    this.waiting = undefined;
  }
}

/** What a line says in answer to a question. Throws `runtime.protocol`, or what the program refuses. */
export function parsed<D extends Question['do']>(asked: D, line: string): Answer<D> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw protocolError(`"${line.slice(0, 80)}" is no JSON; what is to be read by people belongs on standard error`);
  }
  const refusal = Refusal.safeParse(value);
  if (refusal.success) {
    const { code, message } = refusal.data.error;
    throw runFailure(refusalCodes[code], 'user', message || code);
  }
  const answer = answers[asked].safeParse(value);
  if (!answer.success) {
    const issue = answer.error.issues[0]!;
    throw protocolError(
      `its answer to ${asked} is malformed at ${issue.path.join('.') || 'the top'}: ${issue.message}`,
    );
  }
  return answer.data as Answer<D>;
}

/** Throws `runtime.implausible` where reported times are longer together than the time in which they passed. */
export function plausible(ns: readonly number[], wallNs: number): void {
  const sum = ns.reduce((all, each) => all + each, 0);
  if (sum > wallNs + clockNs)
    throw runFailure(
      'runtime.implausible',
      'device',
      `the program reports ${(sum / 1e6).toFixed(3)} ms for ${ns.length} inferences, which were over in ${(wallNs / 1e6).toFixed(3)} ms; times are in nanoseconds`,
    );
}

export function protocolError(what: string): Error {
  return runFailure('runtime.protocol', 'device', `the program breaks the protocol: ${what}`);
}
