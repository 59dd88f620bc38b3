import { verbs } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { readLine, secondsOf, shellQuote, shellWords } from './parse-line.js';

describe('command lines', () => {
  it('[PAL-2] words are split as a shell does, and quoted back', () => {
    expect(shellWords(`gate accept g 3 --comment 'it is right' "a \\"b\\"" c\\ d`)).toEqual([
      'gate',
      'accept',
      'g',
      '3',
      '--comment',
      'it is right',
      'a "b"',
      'c d',
    ]);
    expect(["it's", 'rpi4-a', 'accuracy>=0.8'].map(shellQuote)).toEqual([`'it'\\''s'`, 'rpi4-a', `'accuracy>=0.8'`]);
    expect(shellWords(shellQuote("it's"))).toEqual(["it's"]);
  });

  it('[PAL-2] verb, arguments and options are read by the table', () => {
    expect(readLine("hilltop frontier -m net --where 'a<1' --where=b>2 --fleet").line).toEqual({
      verb: 'frontier',
      args: [],
      options: { model: ['net'], where: ['a<1', 'b>2'], fleet: [''] },
    });
    expect(readLine('job cancel job_1').line).toEqual({ verb: 'job cancel', args: ['job_1'], options: {} });
  });

  it('[PAL-2] what is missing, too much or unknown is named', () => {
    const problems = ['job cancel', 'jobs now', 'jobs --fast', 'extend d --for'].map((text) => readLine(text).problem);
    expect(problems).toEqual([
      'JOB is missing',
      '"now" is one argument too many',
      'hilltop jobs has no option --fast',
      '--for needs a value',
    ]);
    expect(readLine('cancel it')).toEqual({ rest: ['cancel', 'it'] });
  });

  it('[PAL-2] every example of the table is read', () => {
    const unread = Object.values(verbs)
      .map(({ example }) => example)
      // The agent has a parser of its own for its boards.
      .filter((example) => !example.startsWith('hilltop agent') && readLine(example).line === undefined);
    expect(unread).toEqual([]);
  });

  it('[PAL-2] durations are those of the CLI', () => {
    expect(['90s', '15m', '2h', '30d', '2 h', ''].map(secondsOf)).toEqual([
      90,
      900,
      7200,
      2_592_000,
      undefined,
      undefined,
    ]);
  });
});
