/** Counts a jest JSON report. A suite that could not be loaded is one failure; no report at all is one too. */
export function tally(report, shorten) {
  if (!report) return { passed: 0, failed: 1, skipped: [], suites: [] };
  const counts = { passed: 0, failed: 0, skipped: [], suites: [] };
  for (const { name, status, assertionResults } of report.testResults) {
    const suite = shorten(name);
    counts.suites.push(suite);
    const before = counts.failed;
    for (const test of assertionResults) {
      if (test.status === 'passed') counts.passed += 1;
      else if (test.status === 'failed') counts.failed += 1;
      else counts.skipped.push(`${suite}: ${test.fullName}`);
    }
    if (status === 'failed' && counts.failed === before) counts.failed += 1;
  }
  return counts;
}

/** What is wrong with the suites that ran, each with its remedy. */
export function compareSuites(listed, ran) {
  const update = '`node scripts/test.mjs --update-suites`';
  return [
    ...listed.filter((suite) => !ran.includes(suite)).map((suite) => `${suite} is listed and did not run: ${update}`),
    ...ran.filter((suite) => !listed.includes(suite)).map((suite) => `${suite} ran and is not listed: ${update}`),
  ];
}

export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
