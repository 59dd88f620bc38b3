/** `wanted`, or `wanted-2`, `wanted-3` ... : the first that nobody has. */
export function freeName(wanted: string, taken: ReadonlySet<string>): string {
  if (!taken.has(wanted)) return wanted;
  for (let n = 2; ; n++) {
    const name = `${wanted.slice(0, 90)}-${n}`;
    if (!taken.has(name)) return name;
  }
}
