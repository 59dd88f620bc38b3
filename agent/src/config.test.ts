import { describe, expect, it } from '@jest/globals';
import { parseAgentArgs } from './config.js';

const token = `hlt_join_${'a'.repeat(36)}.${'0'.repeat(16)}`;
const parse = (argv: string[], env = {}) => parseAgentArgs(argv, { env, home: '/home/me', host: 'bench-1' });
const base = {
  name: 'bench-1',
  labels: {},
  dataDir: '/home/me/.local/share/hilltop-agent',
  cacheLimitBytes: 2e9,
  boards: [],
  json: false,
  logLevel: 'info',
};

describe('parseAgentArgs', () => {
  it('[AGENT-10] has a default for everything but the lab', () => {
    expect(parse([])).toEqual({ kind: 'serve', config: base });
  });

  it('[AGENT-10] takes every option', () => {
    expect(
      parse([
        'http://lab:7070/',
        '--token',
        token,
        '--name',
        'pi 4',
        '-l',
        'site=berlin',
        '-l',
        'row=2',
        '--data',
        '/d',
        '--mqtt',
        'mqtt://b:1883',
        '--cache-limit',
        '512MiB',
        '--json',
      ]),
    ).toEqual({
      kind: 'serve',
      config: {
        ...base,
        url: 'http://lab:7070',
        token,
        name: 'pi 4',
        labels: { site: 'berlin', row: '2' },
        dataDir: '/d',
        mqttUrl: 'mqtt://b:1883',
        cacheLimitBytes: 512 * 2 ** 20,
        json: true,
      },
    });
  });

  it('[RT-8] takes programs that execute models, each under a name of its own', () => {
    const runtimes = (...texts: string[]) =>
      parse(texts.flatMap((text) => ['--runtime', text])).config.runtimes?.map(({ id, command }) => [id, ...command]);
    expect(runtimes('tflite=/opt/run-tflite --threads 2', 'mine=/opt/mine')).toEqual([
      ['tflite', '/opt/run-tflite', '--threads', '2'],
      ['mine', '/opt/mine'],
    ]);
    for (const texts of [['tflite=run'], ['onnxruntime=/opt/x'], ['a=/x', 'a=/y']])
      expect(() => runtimes(...texts)).toThrow('--help');
  });

  it('[AGENT-10] reads the environment; a token of a person in it is not for joining', () => {
    const env = {
      HILLTOP_URL: 'https://lab',
      HILLTOP_TOKEN: token,
      XDG_DATA_HOME: '/x',
      HILLTOP_LOG: 'debug',
      HILLTOP_GROUND_TRUTH: '/t',
    };
    expect(parse([], env).config).toEqual({
      ...base,
      url: 'https://lab',
      token,
      dataDir: '/x/hilltop-agent',
      logLevel: 'debug',
      groundTruth: '/t',
    });
    expect(parse([], { HILLTOP_TOKEN: `hlt_usr_${'a'.repeat(36)}` }).config.token).toBeUndefined();
    expect(parse(['http://other'], env).config.url).toBe('http://other');
  });

  it.each([
    ['--doctor', 'doctor'],
    ['--install-service', 'install-service'],
    ['--help', 'help'],
    ['-h', 'help'],
    ['--version', 'version'],
  ])('%s', (flag, kind) => {
    expect(parse([flag]).kind).toBe(kind);
  });

  it('[AGENT-10] a host name is made a name', () => {
    expect(parseAgentArgs([], { env: {}, home: '/', host: '-my_host:1' }).config.name).toBe('my_host-1');
    expect(parseAgentArgs([], { env: {}, home: '/', host: '???' }).config.name).toBe('host');
  });

  it.each([
    [['ftp://lab']],
    [['lab:7070']],
    [['http://a', 'http://b']],
    [['--token', 'secret']],
    [['--token', token.split('.')[0]!]],
    [['--name', '../x']],
    [['-l', 'novalue']],
    [['--mqtt', 'http://x']],
    [['--cache-limit', 'much']],
    [['--frobnicate']],
    [['--name']],
  ])('[AGENT-10] %j is wrong use', (argv) => {
    expect(() => parse(argv)).toThrow(expect.objectContaining({ code: 'request.invalid' }));
  });
});
