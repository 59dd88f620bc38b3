/** A failure that is the result of the run. */
export class Failure extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly blame: 'user' | 'device' = 'user',
  ) {
    super(message);
  }
}

/** What ONNX Runtime threw, as a failure; running out of memory is told by its words. */
export function asFailure(error: unknown, code: string, what: string): Failure {
  const text = error instanceof Error ? error.message : String(error);
  if (/bad_alloc|failed to allocate|out of memory|allocation failed/i.test(text))
    return new Failure('run.out-of-memory', `the model asks for more memory than its cap allows: ${text}`);
  return new Failure(code, `${what}: ${text}`);
}
