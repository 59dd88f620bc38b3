// One configuration, three projects. Everything is ESM: run it with `node --experimental-vm-modules`
// (scripts/test.mjs does). Tests read the sources; e2e tests start the built dist as real processes.
const root = import.meta.dirname;

// As tsconfig.base.json: decorators with metadata, class fields defined as the standard says.
const swc = (parser) => [
  '@swc/jest',
  {
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', ...parser },
      transform: {
        legacyDecorator: true,
        decoratorMetadata: true,
        useDefineForClassFields: true,
        react: { runtime: 'automatic' },
      },
    },
    module: { type: 'es6' },
    sourceMaps: 'inline',
  },
];

const project = (own) => ({
  rootDir: root,
  testEnvironment: '<rootDir>/scripts/jest/environment.cjs',
  resolver: '<rootDir>/scripts/jest/resolver.cjs',
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  moduleFileExtensions: ['ts', 'tsx', 'js', 'mjs', 'cjs', 'json', 'node'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  moduleNameMapper: {
    '^@hilltop/migrations$': '<rootDir>/migrations/index.ts',
    '^@hilltop/(contracts|compression|firmware-bridge)$': '<rootDir>/$1/src/index.ts',
    '\\.css$': '<rootDir>/scripts/jest/empty.cjs',
  },
  transform: { '^.+\\.ts$': swc({ decorators: true }), '^.+\\.tsx$': swc({ tsx: true }) },
  ...own,
});

const longTests = '\\.long\\.test\\.tsx?$';

export default {
  // Each suite's modules stay in its worker's memory for good; near the heap's limit a suite takes ten times as long.
  workerIdleMemoryLimit: '1500MB',
  projects: [
    project({
      displayName: 'unit',
      testMatch: ['<rootDir>/*/src/**/*.test.{ts,tsx}', '<rootDir>/migrations/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '/dist/', longTests],
    }),
    project({
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '/dist/', longTests],
    }),
    project({
      displayName: 'long',
      testMatch: ['<rootDir>/test/**/*.long.test.ts', '<rootDir>/*/src/**/*.long.test.ts'],
    }),
  ],
};
