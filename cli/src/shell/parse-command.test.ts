import { LabError } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { type Command, parseCommand } from './parse-command.js';
import { verbNames, verbSpec } from './verb-spec.js';

function command(...argv: string[]): Command {
  const parsed = parseCommand(argv);
  if (parsed.kind !== 'command') throw new Error(`${parsed.kind} instead of a command`);
  return parsed.command;
}

function refusal(...argv: string[]): { code: string; suggestion: unknown } {
  try {
    parseCommand(argv);
  } catch (error) {
    if (error instanceof LabError) return { code: error.code, suggestion: error.details.suggestion };
  }
  throw new Error(`"${argv.join(' ')}" was understood`);
}

describe('parseCommand', () => {
  it.each(verbNames.filter((verb) => verb !== 'agent'))('[CLI-1] reads the example of %s as that verb', (verb) => {
    const words = [...verbSpec(verb).row.example.matchAll(/'([^']*)'|(\S+)/g)]
      .map((match) => match[1] ?? match[2]!)
      .slice(1);
    expect(command(...words).spec.verb).toBe(verb);
  });

  it('[CLI-1] reads long and short options, repeated ones and switches', () => {
    const { options, positionals } = command(
      'run',
      '-m',
      'net',
      '-r',
      'fp32',
      '--recipe=int8-static',
      '-l',
      'site=berlin',
      '--threads',
      '2',
      '--wait',
    );
    expect(positionals).toEqual([]);
    expect([
      options.text('model'),
      options.texts('recipe'),
      options.labels(),
      options.integers('threads', 1),
      options.flag('wait'),
      options.flag('json'),
    ]).toEqual(['net', ['fp32', 'int8-static'], { site: 'berlin' }, [2], true, false]);
  });

  it('[CLI-1] reads the axes of a frontier, which have a letter only', () => {
    const { options } = command('frontier', '-m', 'net', '-x', 'size_bytes', '-y', 'accuracy');
    expect([options.text('x'), options.text('y'), options.text('z')]).toEqual(['size_bytes', 'accuracy', undefined]);
  });

  it("[CLI-1] hands the arguments of agent on as they are: its parser is the agent's own", () => {
    expect(command('agent', 'http://lab:7070', '--token', 't', '--emulate', 'pico').rest).toEqual([
      'http://lab:7070',
      '--token',
      't',
      '--emulate',
      'pico',
    ]);
  });

  it.each([
    [['modles'], 'models'],
    [['models', 'psuh', 'x.onnx'], 'models push'],
    [['device'], 'device show'],
    [['run', '-m', 'net', '--wiat'], '--wait'],
    [['frontier', '-m', 'net', '--fleat'], '--fleet'],
    [['frontier', '--y', 'accuracy'], '-y'],
  ])('[CLI-2] %j is wrong use and suggests %s', (argv, suggestion) => {
    expect(refusal(...argv)).toEqual({ code: 'usage.invalid', suggestion });
  });

  it.each([
    [['login']],
    [['devices', 'extra']],
    [['run', '-m']],
    [['run', '-m', '--wait']],
    [['run', '-m', 'a', '-m', 'b']],
    [['up', '--demo=yes']],
    [['xyzzy']],
  ])('[CLI-2] %j is wrong use', (argv) => {
    expect(refusal(...argv)).toEqual({ code: 'usage.invalid', suggestion: undefined });
  });

  it.each([[['--help']], [['-h']], [['help']], [[]]])('[CLI-3] %j shows the overview', (argv: string[]) => {
    expect(parseCommand(argv).kind).toBe('overview');
  });

  it('[CLI-3] finds --help anywhere after a verb, and `help VERB`', () => {
    expect([
      parseCommand(['run', '-m', '--help']).kind,
      parseCommand(['help', 'job', 'show']).kind,
      parseCommand(['--version']).kind,
    ]).toEqual(['help', 'help', 'version']);
  });
});
