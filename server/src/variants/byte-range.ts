/**
 * A Range header for `length` bytes: both ends included; `undefined` for none, or one that may be ignored (several
 * ranges, other units); `unsatisfiable` when it lies outside (RFC 9110 14.2).
 */
export function byteRange(
  header: string | undefined,
  length: number,
): { start: number; end: number } | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  const start = match[1] === '' ? Math.max(0, length - Number(match[2])) : Number(match[1]);
  const end = match[1] === '' || match[2] === '' ? length - 1 : Math.min(Number(match[2]), length - 1);
  return start <= end && start < length ? { start, end } : 'unsatisfiable';
}
