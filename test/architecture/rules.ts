/** The house's rules over a tree of sources: pure, so that a planted violation can be tried on each. */

/** Path from the root, with `/` -> text. */
export type Sources = ReadonlyMap<string, string>;

export interface Violation {
  readonly file: string;
  readonly rule: string;
  readonly what: string;
}

/** Package -> packages of ours it may import. */
export const arrows: Readonly<Record<string, readonly string[]>> = {
  contracts: [],
  migrations: [],
  compression: ['contracts'],
  'firmware-bridge': ['contracts'],
  agent: ['contracts', 'firmware-bridge'],
  server: ['contracts', 'compression', 'migrations'],
  dashboard: ['contracts'],
  cli: ['contracts', 'compression'],
};

/** A noun imports only nouns to its left (and the rooms that are no nouns: links, access, live ...). */
export const nounOrder = [
  'devices',
  'leases',
  'models',
  'recipes',
  'variants',
  'jobs',
  'runs',
  'consoles',
  'summaries',
  'frontier',
  'canaries',
  'sweeps',
  'gates',
  'comparisons',
  'reports',
  'schedules',
  'subscriptions',
  'guides',
  'exports',
  'notes',
  'activities',
] as const;

/** Package (npm) -> the only files of the product that may know it. */
export const rooms: readonly { readonly module: RegExp; readonly files: RegExp }[] = [
  { module: /^aedes$/, files: /^server\/src\/links\// },
  { module: /^mqtt$/, files: /^(server\/src\/links\/|agent\/src\/link)/ },
  { module: /^ws$/, files: /^server\/src\/links\// },
  { module: /^libsql$/, files: /^server\/src\/links\// },
  { module: /^socket\.io$/, files: /^server\/src\/(links|live|presence|consoles)\// },
  { module: /^serialport$/, files: /^firmware-bridge\/src\// },
  { module: /^rp2040js$/, files: /^firmware-bridge\/src\/emulator\// },
  {
    module: /^onnxruntime-node$/,
    files: /^(agent\/src\/runtimes\/|compression\/src\/(host-child|runtime-)|agent\/src\/facts)/,
  },
];

/**
 * Nothing is chosen on the set that is reported: whatever applies recipes, searches or screens cannot even name it. In the server
 * it is known where models keep it, where runs hand it to devices, where their results are summarised, where a gate holds what was reported against what was, and where the frontier
 * asks it for its number of classes; everywhere else, and in all of the compression, it is not.
 */
export const evaluationSet = {
  forbidden: /^(compression\/src\/|server\/src\/|cli\/src\/(local|verbs)\/compress)/,
  allowed: /^server\/src\/((models|runs|summaries|gates)\/|frontier\/reference-points\.ts$)/,
  // `evaluate` and `Evaluation` are what is done to any set; `evaluation...` is this one.
  name: /\bevaluation(?:[A-Z_]\w*)?\b|--eval\b|['"]eval['"]/,
} as const;

const withoutComments = (text: string): string =>
  text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:])\/\/.*$/gm, '$1');

const isTest = (file: string): boolean =>
  /\.test\.tsx?$|\/src\/(?:[a-z-]+\/)?testing\//.test(file) || /^(test|bench)\//.test(file);

/** Module names a source imports, statically or dynamically; types count too. */
export function importsOf(text: string): string[] {
  const found = [
    ...text.matchAll(/\b(?:import|export)\b[^;'"]*?\bfrom\s*['"]([^'"]+)['"]|\bimport\s*\(?\s*['"]([^'"]+)['"]/g),
  ];
  return found.map((m) => (m[1] ?? m[2])!);
}

function resolve(file: string, specifier: string): string {
  const parts = file.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}

/** Every breach of an arrow, a room or a habit. */
export function violations(sources: Sources): Violation[] {
  const out: Violation[] = [];
  for (const [file, text] of sources) {
    const own = file.split('/')[0]!;
    const report = (rule: string, what: string): void => {
      out.push({ file, rule, what });
    };
    for (const specifier of importsOf(text)) checkImport(file, own, specifier, report);
    if (/import\s*\{[^}]*\bz\b[^}]*\}\s*from\s*['"]zod['"]/.test(text))
      report('zod-namespace', "import * as z from 'zod'");
    if (isTest(file)) continue;
    if (/\.transaction\(/.test(text) && file !== 'server/src/links/database.ts') report('write-gate', '.transaction(');
    const bypass =
      /\b(reader|dataSource|repository|repo)\s*(?:\.getRepository\([^)]*\)\s*)?\.(insert|update|delete|save|upsert|remove)\(/.exec(
        text,
      );
    if (bypass && own === 'server') report('write-gate', bypass[0]);
    if (text.includes('dangerouslySetInnerHTML')) report('no-raw-html', 'dangerouslySetInnerHTML');
    if (evaluationSet.forbidden.test(file) && !evaluationSet.allowed.test(file)) {
      const named = evaluationSet.name.exec(withoutComments(text));
      if (named) report('evaluation-set', named[0]);
    }
    const lines = text.split('\n').length;
    if (lines > 401) report('length', `${lines} lines`);
  }
  return out;
}

function checkImport(file: string, own: string, specifier: string, report: (rule: string, what: string) => void): void {
  const scoped = /^@hilltop\/([^/]+)(\/.*)?$/.exec(specifier);
  const relative = specifier.startsWith('.') ? resolve(file, specifier) : undefined;
  const target = scoped?.[1] ?? relative?.split('/')[0];
  if (isTest(file)) return;
  if (target && target !== own && !(file === 'server/src/main.ts' && target === 'server')) {
    if (target === 'test' || target === 'bench') report('nothing-imports-tests', specifier);
    else if (relative && /^[a-z-]+\//.test(relative) && target in arrows) report('past-the-index', specifier);
    else if (scoped?.[2]) report('past-the-index', specifier);
    else if (target in arrows && own in arrows && !arrows[own]!.includes(target))
      report('arrow', `${own} -> ${target}`);
  }
  if (own === 'contracts' && !relative && specifier !== 'zod') report('contracts-on-zod-alone', specifier);
  for (const room of rooms)
    if (room.module.test(specifier) && !room.files.test(file)) report('room', `${specifier} has its own room`);
  const noun = (path: string): number => nounOrder.findIndex((n) => path.startsWith(`server/src/${n}/`));
  if (relative && noun(file) >= 0 && noun(`${relative}/`) > noun(file))
    report('noun-order', `${nounOrder[noun(file)]} -> ${nounOrder[noun(`${relative}/`)]}`);
}

/** SPEC ids without a test, and ids that tests quote but the page does not have. */
export function specGaps(spec: string, tests: Sources): { untested: string[]; unknown: string[] } {
  const ids = new Set([...spec.matchAll(/^- \[([A-Z]+-\d+)\]/gm)].map((m) => m[1]!));
  const quoted = new Set<string>();
  for (const text of tests.values()) {
    for (const title of text.matchAll(
      /\b(?:it|test|describe)(?:\.each(?:<\w+>)?\([\s\S]*?\))?\(\s*(['"`])((?:\[[A-Z]+-\d+\]\s*)+)/g,
    )) {
      for (const id of title[2]!.matchAll(/[A-Z]+-\d+/g)) quoted.add(id[0]);
    }
  }
  return {
    untested: [...ids].filter((id) => !quoted.has(id)).sort(),
    unknown: [...quoted].filter((id) => !ids.has(id)).sort(),
  };
}
