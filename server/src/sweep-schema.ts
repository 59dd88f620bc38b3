import { sweepFileSchema } from '@hilltop/contracts';

// `node server/dist/sweep-schema.js > contracts/docs/sweep.schema.json`
process.stdout.write(`${JSON.stringify(sweepFileSchema(), undefined, 2)}\n`);
