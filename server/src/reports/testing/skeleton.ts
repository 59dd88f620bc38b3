/** The tags of markup with the names of their attributes, without any text or value: what no name may change. */
export function skeleton(text: string): string[] {
  return (text.match(/<[^>]*>/g) ?? []).map((tag) => {
    const name = /^<[/?!]?\s*([\w:-]*)/.exec(tag)![0];
    const attributes = [...tag.matchAll(/\s([\w:-]+)\s*=\s*"[^"]*"/g)].map((match) => match[1]!);
    return [name, ...attributes].join(' ');
  });
}

/** Every string of a value that people or devices could have chosen, made into another; ids, units and words of the contract stay. */
export function renamed<T>(value: T, rename: (text: string) => string): T {
  const walk = (each: unknown, key: string): unknown => {
    if (Array.isArray(each)) return each.map((item) => walk(item, key));
    if (typeof each === 'object' && each !== null)
      return Object.fromEntries(Object.entries(each).map(([name, inner]) => [name, walk(inner, name)]));
    return typeof each === 'string' && chosen.has(key) ? rename(each) : each;
  };
  return walk(value, '') as T;
}

const chosen = new Set([
  ...[
    'title',
    'name',
    'modelName',
    'deviceName',
    'sweepName',
    'baselineName',
    'recipe',
    'type',
    'cpu',
    'os',
    'why',
    'note',
  ],
  ...[
    'message',
    'comment',
    'by',
    'createdBy',
    'runtimes',
    'agents',
    'kernels',
    'powerModes',
    'signal',
    'version',
    'reason',
    'text',
  ],
]);

/** What has broken pages, feeds and tables before, and random letters of the same kinds. */
export function hostile(random: () => number): string {
  const letters = [
    '<',
    '>',
    '&',
    '"',
    "'",
    '`',
    '|',
    '\\',
    '*',
    '_',
    '[',
    ']',
    '(',
    ')',
    '\n',
    '\r',
    '\t',
    '\0',
    '\u001b',
  ];
  const more = [
    '\ud800',
    '\u202e',
    '\u2028',
    '@',
    '#',
    '=',
    '+',
    '-',
    '~',
    '$',
    ';',
    ',',
    ' ',
    'a',
    '7',
    '😀',
    '\ufffe',
    ']]>',
    '-->',
  ];
  const pool = [...letters, ...more];
  const whole = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='x",
    '</style><svg onload=x>',
    ']]><x/>',
    '| a | b |\n|---|---|',
    '[x](javascript:alert(1))',
    '@everyone see #1 at https://x.example www.x.example',
    '</details><h1>',
    '&lt;b&gt; &#0; &nbsp;',
    '=HYPERLINK("http://x","y")',
    "-1+cmd|'/c calc'!A0",
    '``` \n# heading',
  ];
  if (random() < 0.4) return whole[Math.floor(random() * whole.length)]!;
  const length = 1 + Math.floor(random() * 20);
  return Array.from({ length }, () => pool[Math.floor(random() * pool.length)]!).join('');
}
