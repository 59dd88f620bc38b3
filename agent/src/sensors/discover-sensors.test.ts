import type { Sensor } from '@hilltop/contracts';
import { afterEach, describe, expect, it } from '@jest/globals';
import { discoverSensors } from './index.js';
import { boards } from './testing/boards.js';
import {
  type BoardFixture,
  type BuiltBoard,
  broken,
  buildBoard,
  type Entry,
  readings,
  type Tree,
} from './testing/tree.js';

let built: BuiltBoard[] = [];
afterEach(async () => {
  await Promise.all(built.map((board) => board.remove()));
  built = [];
});

async function build(fixture: Parameters<typeof buildBoard>[0]): Promise<BuiltBoard> {
  const board = await buildBoard(fixture);
  built.push(board);
  return board;
}

/** The golden values of the PMIC are given to five decimals; others are exact but for the last digits of a double. */
function rounded({ driver }: Sensor, value: number | undefined): number | undefined {
  if (value === undefined) return undefined;
  return driver === 'rpi-pmic' ? Number(value.toFixed(5)) : Number(value.toPrecision(12));
}

async function found(fixture: BoardFixture) {
  const { sources, lacks } = await discoverSensors(await build(fixture));
  const values = await readings({ sources, lacks });
  return { expected: values.map((one) => ({ ...one, value: rounded(one, one.value) })), lacks };
}

for (const [name, fixture] of Object.entries<BoardFixture>(boards))
  describe(name, () => {
    it('[SENSE-1] [SENSE-3] [SENSE-5] gives exactly these sensors, in this order, with these values in SI and these totals', async () => {
      expect(await found(fixture)).toEqual({ expected: [...fixture.expected], lacks: [...fixture.lacks] });
    });

    it('[SENSE-1] numbered otherwise, it is the same board', async () => {
      expect(await found({ ...fixture, files: renumbered(fixture.files) })).toEqual({
        expected: [...fixture.expected],
        lacks: [...fixture.lacks],
      });
    });

    it('[SENSE-2] with every file broken, empty or full of rubbish it has none, and nothing is thrown', async () => {
      const tools = Object.fromEntries(
        Object.keys(fixture.tools).map((line) => [line, { origin: 'constructed', text: '\0N/A 0x' }] as const),
      );
      const rubbish = ['', 'N/A\n', '\0\xff\n', '9'.repeat(400), undefined];
      for (const shift of [0, 1]) {
        const files = Object.fromEntries(
          Object.entries(fixture.files).map(([path, entry], i): [string, Entry] => {
            if (!('text' in entry) || !isValue(path)) return [path, entry];
            const text = rubbish[(i + shift) % rubbish.length];
            return [path, text === undefined ? broken('directory') : { origin: 'constructed', text }];
          }),
        );
        expect((await discoverSensors(await build({ ...fixture, files, tools }))).sources).toEqual([]);
      }
    });

    it('[SENSE-2] a sensor that goes away is silent, and nothing is thrown', async () => {
      const board = await build(fixture);
      const { sources } = await discoverSensors(board);
      await board.remove();
      const fromFiles = sources.filter(({ group }) => group === undefined);
      expect(fromFiles.map(({ read }) => read())).toEqual(fromFiles.map(() => undefined));
    });
  });

/** What carries a value, not a name or a limit. */
function isValue(path: string): boolean {
  return !/(name|type|label|model|compatible|module|scope|status)(_\d)?$|trip_point/.test(path);
}

/** `hwmon3` becomes `hwmon97` and so on: the reverse order. Policies and processors keep their number, which means something. */
function renumbered(files: Tree): Tree {
  return Object.fromEntries(
    Object.entries(files).map(([path, entry]) => [
      path
        .replace(/(\/hwmon)(\d+)\//, (_, kind: string, n: string) => `${kind}${100 - Number(n)}/`)
        .replace(/(\/iio:device)(\d+)\//, (_, kind: string, n: string) => `${kind}${100 - Number(n)}/`)
        .replace(/(\/thermal_zone)(\d+)\//, (_, kind: string, n: string) => `${kind}${Number(n) + 7}/`)
        .replace(/(\/cooling_device)(\d+)\//, (_, kind: string, n: string) => `${kind}${Number(n) + 7}/`),
      entry,
    ]),
  );
}

describe('discoverSensors', () => {
  it('[SENSE-2] finds nothing where there is nothing', async () => {
    expect(await discoverSensors(await build({}))).toEqual({ sources: [], lacks: [] });
  });

  it('[SENSE-19] asks one command once for all that are read together', async () => {
    const board = await build(boards['Raspberry Pi 5']);
    const { sources } = await discoverSensors(board);
    board.commands.length = 0;
    await readings({ sources, lacks: [] });
    expect([...board.commands].sort()).toEqual([
      'vcgencmd get_throttled',
      'vcgencmd measure_clock arm',
      'vcgencmd pmic_read_adc',
    ]);
    await readings({ sources: sources.filter(({ group }) => group === 'rpi-pmic'), lacks: [] });
    expect(board.commands.filter((line) => line === 'vcgencmd pmic_read_adc')).toHaveLength(2);
  });

  it.each([
    ['Jetson Orin Nano', 'nvidia-smi'],
    ['Raspberry Pi 5', 'nvpmodel'],
    ['x86 laptop', 'vcgencmd'],
  ] as const)('[SENSE-12] does not ask %s for %s', async (name, tool) => {
    const board = await build(boards[name]);
    await discoverSensors(board);
    expect(board.commands.filter((line) => line.startsWith(tool))).toEqual([]);
  });
});
