import { type Task, type TaskName, type TaskOptions, WorkerPool } from '../worker-pool.js';

type Work = (input: never, progress: (value: unknown) => void, signal: AbortSignal) => unknown;

/** Does the work right here: for tests, which have no built worker entry. */
export class InlinePool extends WorkerPool {
  /** Names of the tasks that were run. */
  readonly ran: TaskName[] = [];

  constructor(private readonly work: Partial<Record<TaskName, Work>>) {
    super();
  }

  override async run<Input, Output, Progress>(
    task: Task<Input, Output, Progress>,
    input: Input,
    options: TaskOptions<Progress> = {},
  ): Promise<Output> {
    const work = this.work[task.name];
    if (!work) throw new Error(`no work for ${task.name}`);
    this.ran.push(task.name);
    const signal = options.signal ?? new AbortController().signal;
    return (await work(input as never, (value) => options.onProgress?.(value as Progress), signal)) as Output;
  }

  override async close(): Promise<void> {}
}
