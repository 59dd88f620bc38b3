import { agentOptions } from './agent-options.js';
import type { Access } from './user.js';

export interface VerbOption {
  /** `--protocol P` */
  readonly flag: string;
  readonly description: string;
  readonly repeatable?: boolean;
}

/** What a person can do: read by the CLI, the palette, the key sheet and "copy CLI". */
export interface VerbRow {
  readonly usage: string;
  readonly summary: string;
  readonly example: string;
  /** The REST call behind it, where there is exactly one. */
  readonly rest?: string;
  /** What it demands of the lab; absent: it talks to no lab. */
  readonly access?: Access;
  readonly options: readonly VerbOption[];
}

const device = { flag: '-d, --device DEVICE', description: 'id or name of a device', repeatable: true };
const label = { flag: '-l, --label k=v', description: 'devices with this label', repeatable: true };
const model = { flag: '-m, --model MODEL', description: 'id or name of a model' };
const recipe = { flag: '-r, --recipe RECIPE', description: 'name of a recipe', repeatable: true };
const data = { flag: '--data DIR', description: 'where the lab keeps everything (default: ~/.local/share/hilltop)' };

export const verbs = {
  up: {
    usage: 'up',
    summary: 'run a coordinator here',
    example: 'hilltop up --demo',
    options: [
      { flag: '--port N', description: 'HTTP port (7070; a taken default moves to the next free one)' },
      { flag: '--mqtt-port N', description: 'MQTT port (1883; likewise)' },
      { flag: '--listen ADDR', description: 'address to bind (127.0.0.1)' },
      { flag: '--public-url URL', description: 'an address under which others reach this lab', repeatable: true },
      { flag: '--mqtt-url URL', description: 'use an outside broker instead of the embedded one' },
      data,
      {
        flag: '--demo',
        description: 'an agent for this machine and an emulated Pico, the sample models, the starter jobs',
      },
    ],
  },
  demo: {
    usage: 'demo',
    summary: 'a throw-away lab: the whole main job once, then exit',
    example: 'hilltop demo --json',
    options: [{ flag: '--keep', description: 'keep the data directory and say where it is' }],
  },
  doctor: {
    usage: 'doctor',
    summary: 'what works here, and the remedy for each lack',
    example: 'hilltop doctor --json',
    options: [],
  },
  open: {
    usage: 'open',
    summary: 'open the dashboard, signed in',
    example: 'hilltop open',
    access: 'viewer',
    options: [],
  },
  login: {
    usage: 'login URL',
    summary: 'remember a coordinator',
    example: 'hilltop login http://lab:7070 --token hlt_usr_…',
    rest: 'GET /api/v1/me',
    access: 'viewer',
    options: [{ flag: '--token T', description: 'a token from `hilltop token create`' }],
  },
  agent: {
    usage: 'agent [URL]',
    summary: 'serve this machine, and the boards beside it, as devices',
    example: 'hilltop agent http://lab:7070 --token hlt_join_… --name bench-pi',
    options: agentOptions,
  },
  devices: {
    usage: 'devices',
    summary: 'list the devices',
    example: 'hilltop devices -l site=berlin',
    rest: 'GET /api/v1/devices',
    access: 'viewer',
    options: [label],
  },
  'device show': {
    usage: 'device show DEVICE',
    summary: 'look at a device',
    example: 'hilltop device show bench-pi',
    rest: 'GET /api/v1/devices/:id',
    access: 'viewer',
    options: [],
  },
  'device rename': {
    usage: 'device rename DEVICE NAME',
    summary: 'rename a device',
    example: 'hilltop device rename bench-pi pi-4a',
    rest: 'PATCH /api/v1/devices/:id',
    access: 'operator',
    options: [],
  },
  'device rm': {
    usage: 'device rm DEVICE',
    summary: "retire a device and revoke its agent's key",
    example: 'hilltop device rm pi-4a',
    rest: 'DELETE /api/v1/devices/:id',
    access: 'admin',
    options: [],
  },
  models: {
    usage: 'models',
    summary: 'list the models',
    example: 'hilltop models',
    rest: 'GET /api/v1/models',
    access: 'viewer',
    options: [],
  },
  'models push': {
    usage: 'models push [FILE.onnx]',
    summary: 'upload a model with its labelled data, or a variant of one that was made elsewhere',
    example: 'hilltop models push net.onnx --eval eval.npz --valid valid.npz --calib calib.npz',
    rest: 'POST /api/v1/models',
    access: 'operator',
    options: [
      { flag: '--name N', description: "name (the file's)" },
      { flag: '--variant-of MODEL', description: 'takes the place of this model: distilled, retrained, another net' },
      {
        flag: '--in-firmware-of DEVICE',
        description:
          'with --variant-of, without a file: the variant is in the firmware of this device, built for MLPerf Tiny',
      },
      {
        flag: '--firmware-input TYPE',
        description:
          'bytes its input takes: uint8 or int8, and of floats int8:SCALE:ZERO-POINT; behind it ,channels-last',
      },
      { flag: '--description TEXT', description: 'how the variant was made' },
      { flag: '--eval E.npz', description: 'evaluation set: opened only by runs that report' },
      { flag: '--calib C.npz', description: 'calibration set: ranges for quantization' },
      { flag: '--valid V.npz', description: 'validation set: choosing and screening' },
      { flag: '--metric M', description: 'accuracy or agreement' },
      { flag: '--shape in=1x3x224x224', description: 'sizes of free dimensions', repeatable: true },
      { flag: '--train-device-hours H', description: 'what training cost: hours times devices' },
      { flag: '--train-devices N', description: 'devices it ran on' },
      { flag: '--train-energy-kwh E', description: 'energy it took' },
      { flag: '--train-samples N', description: 'items it was shown, repetitions counted' },
    ],
  },
  'models rm': {
    usage: 'models rm MODEL',
    summary: 'remove a model and everything made from it',
    example: 'hilltop models rm net',
    rest: 'DELETE /api/v1/models/:id',
    access: 'operator',
    options: [],
  },
  recipes: {
    usage: 'recipes',
    summary: 'list the recipes: risk, what they need, what to expect (without a lab: those that ship)',
    example: 'hilltop recipes',
    rest: 'GET /api/v1/recipes',
    access: 'viewer',
    options: [],
  },
  'recipes show': {
    usage: 'recipes show RECIPE',
    summary: 'look at a recipe, every parameter resolved; of the lab, or a file FILE.json',
    example: 'hilltop recipes show int8-static',
    rest: 'GET /api/v1/recipes/:name',
    access: 'viewer',
    options: [],
  },
  'recipes add': {
    usage: 'recipes add FILE.json',
    summary: 'give the lab a recipe of your own, or a new form of it',
    example: 'hilltop recipes add my-recipe.json',
    rest: 'POST /api/v1/recipes',
    access: 'operator',
    options: [],
  },
  compress: {
    usage: 'compress',
    summary: 'make variants without a device (with -m FILE.onnx: without a lab)',
    example: 'hilltop compress -m net.onnx -r all --calib calib.npz --valid valid.npz -o out',
    rest: 'POST /api/v1/variants',
    access: 'operator',
    options: [
      { flag: '-m, --model MODEL', description: 'id or name of a model of the lab, or FILE.onnx' },
      {
        flag: '-r, --recipe RECIPE',
        description: 'name of a recipe; all for every one that applies; for a file also a recipe file FILE.json',
        repeatable: true,
      },
      { flag: '--calib C.npz', description: 'for a file: calibration set, for ranges and statistics' },
      { flag: '--valid V.npz', description: 'for a file: validation set, to choose with and to compare with fp32' },
      { flag: '--margin POINTS', description: 'with --valid: how much worse than fp32 is still no worse (1)' },
      { flag: '-o, --output DIR', description: 'where the variants go; what is there already is not made again' },
    ],
  },
  variants: {
    usage: 'variants',
    summary: 'list the variants of a model: size, quality on validation data, origin',
    example: 'hilltop variants -m net',
    rest: 'GET /api/v1/variants',
    access: 'viewer',
    options: [model],
  },
  'artifact get': {
    usage: 'artifact get VARIANT',
    summary: 'take the chosen one home',
    example: 'hilltop artifact get var_8k2… -o net-int8.onnx',
    rest: 'GET /api/v1/artifacts/:sha256',
    access: 'viewer',
    options: [
      { flag: '-o, --output FILE', description: 'file to write' },
      {
        flag: '--format F',
        description:
          'onnx, plan (for microcontrollers), c (the plan as a C array to link) or svg (its memory, drawn) (onnx)',
      },
    ],
  },
  run: {
    usage: 'run',
    summary: 'measure',
    example: 'hilltop run -m net -r fp32 -r int8-static -l site=berlin --wait',
    rest: 'POST /api/v1/jobs',
    access: 'operator',
    options: [
      model,
      recipe,
      { flag: '--all-variants', description: 'every variant the model has, also those made elsewhere' },
      device,
      label,
      { flag: '--protocol P', description: 'quick, standard or strict (standard)' },
      { flag: '--official', description: "with strict: LoadGen's 600 s" },
      { flag: '--threads N', description: 'threads of the runtime (1)', repeatable: true },
      { flag: '--graph-level L', description: 'disabled, basic, extended or all (all)', repeatable: true },
      {
        flag: '--runtime NAME',
        description: "a runtime of the device: onnxruntime, trtexec or one of its own (the device's first)",
        repeatable: true,
      },
      {
        flag: '--provider P',
        description: "who executes inside the runtime: cpu, cuda, tensorrt ... (the runtime's first)",
        repeatable: true,
      },
      { flag: '--precision P', description: 'of trtexec: fp32, fp16 or int8 (fp32)', repeatable: true },
      { flag: '--items N', description: 'quality on the first N items of the evaluation set only' },
      { flag: '--repeats N', description: 'repeat a disturbed run at most N times (quick 0, standard 2, strict 3)' },
      { flag: '--parallel N', description: 'at most N devices at a time' },
      { flag: '--max-failures N', description: 'stop the rest after N failed runs' },
      { flag: '--wait', description: 'wait for the end; exit 1 if the job failed' },
    ],
  },
  jobs: {
    usage: 'jobs',
    summary: 'list the jobs',
    example: 'hilltop jobs',
    rest: 'GET /api/v1/jobs',
    access: 'viewer',
    options: [],
  },
  'job show': {
    usage: 'job show JOB',
    summary: 'look at a job, device by device',
    example: 'hilltop job show job_5d1…',
    rest: 'GET /api/v1/jobs/:id',
    access: 'viewer',
    options: [{ flag: '--wait', description: 'follow until it ends' }],
  },
  'job cancel': {
    usage: 'job cancel JOB',
    summary: 'cancel a job',
    example: 'hilltop job cancel job_5d1…',
    rest: 'POST /api/v1/jobs/:id/cancel',
    access: 'operator',
    options: [],
  },
  runs: {
    usage: 'runs',
    summary: 'list the runs',
    example: 'hilltop runs --job job_5d1…',
    rest: 'GET /api/v1/runs',
    access: 'viewer',
    options: [
      { flag: '--job J', description: 'of this job' },
      device,
      model,
      { flag: '--state S', description: 'in this state' },
    ],
  },
  'run show': {
    usage: 'run show RUN',
    summary: 'look at a run: metrics, verdict, evidence, and where the time goes',
    example: 'hilltop run show run_9f3…',
    rest: 'GET /api/v1/runs/:id',
    access: 'viewer',
    options: [],
  },
  frontier: {
    usage: 'frontier',
    summary: 'what is worth shipping',
    example: "hilltop frontier -m net -y accuracy --where 'memory_peak_bytes<64MB'",
    rest: 'GET /api/v1/frontier',
    access: 'viewer',
    options: [
      model,
      device,
      { flag: '--fleet', description: 'over all chosen devices: the worst ratio to fp32' },
      { flag: '-x METRIC', description: 'first objective (latency_p50_ms)' },
      { flag: '-y METRIC', description: 'second objective (accuracy)' },
      { flag: '-z METRIC', description: 'third objective' },
      { flag: '--where C', description: 'a constraint such as size_bytes<1MB', repeatable: true },
      { flag: '--protocol P', description: "of this protocol (the newest run's)" },
      { flag: '--csv', description: 'as CSV' },
    ],
  },
  console: {
    usage: 'console DEVICE',
    summary: 'what a board prints beside its protocol: the newest 64 KiB',
    example: 'hilltop console emulated-pico --watch',
    rest: 'GET /api/v1/devices/:id/console',
    access: 'viewer',
    options: [{ flag: '--watch', description: 'follow it until Ctrl-C' }],
  },
  monitor: {
    usage: 'monitor',
    summary: "follow the lab's event stream",
    example: 'hilltop monitor --json',
    access: 'viewer',
    options: [{ flag: '--topic T', description: 'lab, job/J, model/M or device/D (lab)' }],
  },
  'token create': {
    usage: 'token create',
    summary: 'make a token; shown once',
    example: 'hilltop token create --kind join -l site=berlin',
    rest: 'POST /api/v1/tokens',
    access: 'operator',
    options: [
      { flag: '--kind K', description: 'join, usr or svc (join)' },
      { flag: '--name N', description: 'what it is for' },
      { flag: '--user U', description: 'usr: whose it is (yours); with --role, somebody new is made a user' },
      { flag: '--role R', description: 'svc or a new user: viewer, operator or admin' },
      { flag: '--ttl T', description: 'how long it lives, e.g. 15m, 30d' },
      { flag: '--uses N', description: 'join: for how many agents (1)' },
      { flag: '-l, --label k=v', description: 'join: a label that its devices get', repeatable: true },
    ],
  },
  'token ls': {
    usage: 'token ls',
    summary: 'list tokens',
    example: 'hilltop token ls',
    rest: 'GET /api/v1/tokens',
    access: 'operator',
    options: [],
  },
  'token revoke': {
    usage: 'token revoke TOKEN',
    summary: 'revoke a token now',
    example: 'hilltop token revoke tok_31a…',
    rest: 'DELETE /api/v1/tokens/:id',
    access: 'operator',
    options: [],
  },
} as const satisfies Record<string, VerbRow>;

export type Verb = keyof typeof verbs;
