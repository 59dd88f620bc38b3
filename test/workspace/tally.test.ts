import { closingLine, compareSuites, tally } from '../../scripts/test/tally.mjs';

const report = {
  testResults: [
    {
      name: '/clone/a.test.ts',
      status: 'failed',
      assertionResults: [
        { fullName: 'one', status: 'passed' },
        { fullName: 'two', status: 'failed' },
        { fullName: 'three', status: 'pending' },
        { fullName: 'four', status: 'todo' },
      ],
    },
    { name: '/clone/broken.test.ts', status: 'failed', assertionResults: [] },
  ],
};

test('a suite that could not be loaded counts as one failure, a todo as skipped', () => {
  expect(tally(report, (path: string) => path.replace('/clone/', ''))).toEqual({
    passed: 1,
    failed: 2,
    skipped: ['a.test.ts: three', 'a.test.ts: four'],
    suites: ['a.test.ts', 'broken.test.ts'],
  });
});

test('no report at all counts as one failure', () => {
  expect(tally(undefined, String)).toEqual({ passed: 0, failed: 1, skipped: [], suites: [] });
});

test('a listed suite that did not run and an unlisted one that did are both found', () => {
  expect(compareSuites(['a', 'b'], ['b', 'c'])).toEqual([
    expect.stringMatching(/^a is listed and did not run/),
    expect.stringMatching(/^c ran and is not listed/),
  ]);
  expect(compareSuites(['a'], ['a'])).toEqual([]);
});

test('the closing line is the one that CI reads', () => {
  expect(closingLine({ passed: 3, failed: 0, skipped: 1 })).toBe('3 passed, 0 failed, 1 skipped');
});
