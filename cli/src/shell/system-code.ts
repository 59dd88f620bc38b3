/** `ENOENT`, `ECONNREFUSED` ...: the code of an operating system's error; undefined for anything else. */
export function systemCode(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
