/** Breaks a caption at its ` · ` marks into lines of at most so many characters; a part that is longer stays whole. */
export function wrap(text: string, most: number): string[] {
  const lines: string[] = [];
  for (const part of text.split(' · ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + part.length + 3 <= most) lines[lines.length - 1] = `${last} · ${part}`;
    else lines.push(part);
  }
  return lines;
}
