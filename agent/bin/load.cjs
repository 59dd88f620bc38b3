'use strict';
// Apart from hilltop-agent.cjs because `import()` is a syntax error to a Node that is too old.
import('../dist/main.js').catch((error) => {
  process.stderr.write(`${error?.stack ?? error}\n`);
  process.exitCode = 3;
});
