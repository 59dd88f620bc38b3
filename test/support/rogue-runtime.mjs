// A runner for `hilltop agent --runtime` that says hello as it should and misbehaves with a model as its first argument says.
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
let outputs = [];
const honest = {
  hello: () => say({ done: 'hello', protocol: 1, version: '1' }),
  load: (question) => {
    outputs = question.outputs;
    say({ done: 'load' });
  },
  infer: ({ inferences }) => say({ done: 'infer', ns: Array(inferences).fill(1) }),
  output: () => {
    for (const { file } of outputs) writeFileSync(file, Buffer.alloc(3));
    say({ done: 'output' });
  },
  quit: () => process.exit(0),
};
const ways = {
  crashes: { load: () => process.kill(process.pid, 'SIGSEGV') },
  hangs: { load: () => undefined },
  babbles: { load: () => process.stdout.write('loading the model ...\n') },
  // Three bytes are no tensor.
  lies: {},
};
const does = { ...honest, ...ways[process.argv[2]] };
createInterface({ input: process.stdin }).on('line', (line) => {
  const question = JSON.parse(line);
  does[question.do](question);
});
