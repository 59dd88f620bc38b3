import { LabError } from '@hilltop/contracts';
import * as z from 'zod';

/** What a plug says at a time. */
export interface PlugValue {
  readonly watts: number;
  /** Its counter of energy, J; absent where it has none for this output alone. */
  readonly joules?: number;
  /** Something that changes as the plug's own time goes on. */
  readonly stamp?: string;
}

const numbers = z.union([z.number(), z.array(z.number()).min(1)]);
const TasmotaStatus = z.object({
  StatusSNS: z.object({
    Time: z.string().optional(),
    ENERGY: z.object({ Power: numbers, Total: numbers.optional() }),
  }),
});

/** Answer to `Status 10` (or the same from MQTT inside `StatusSNS`). Plugs with several outputs give arrays: `output` chooses. Throws `device.protocol`. */
export function parseTasmota(reply: unknown, output: number | undefined): PlugValue {
  const { Time, ENERGY } = read(TasmotaStatus, reply, 'a Tasmota with a power sensor').StatusSNS;
  const watts = choose(ENERGY.Power, output, 'outputs');
  // A sum over outputs says nothing of one of them.
  const own = Array.isArray(ENERGY.Power) && !Array.isArray(ENERGY.Total) ? undefined : ENERGY.Total;
  return {
    watts,
    // kWh
    ...(own !== undefined && { joules: choose(own, output, 'outputs') * 3.6e6 }),
    ...(Time !== undefined && { stamp: Time }),
  };
}

/** Answer to the command `WattRes`: decimals of the power. */
export function parseWattRes(reply: unknown): number | undefined {
  const parsed = z.object({ WattRes: z.coerce.number().int().min(0).max(3) }).safeParse(reply);
  return parsed.success ? parsed.data.WattRes : undefined;
}

const ShellyGen2 = z.object({
  apower: z.number(),
  aenergy: z.object({ total: z.number(), minute_ts: z.number().optional() }).optional(),
});
const ShellyGen1 = z.object({
  meters: z
    .array(z.object({ power: z.number(), total: z.number().optional(), timestamp: z.number().optional() }))
    .min(1),
});

/** Answer to `/rpc/Switch.GetStatus?id=N`: W and Wh. Throws `device.protocol`. */
export function parseShellyGen2(reply: unknown): PlugValue {
  const { apower, aenergy } = read(ShellyGen2, reply, 'a Shelly that measures power');
  return {
    watts: apower,
    ...(aenergy && { joules: aenergy.total * 3600 }),
    ...(aenergy?.minute_ts !== undefined && { stamp: String(aenergy.minute_ts) }),
  };
}

/** Answer of the first generation to `/status`: W and watt-minutes. Throws `device.protocol`. */
export function parseShellyGen1(reply: unknown, output: number | undefined): PlugValue {
  const { meters } = read(ShellyGen1, reply, 'a Shelly that measures power');
  const meter = choose(meters, output, 'meters');
  return {
    watts: meter.power,
    ...(meter.total !== undefined && { joules: meter.total * 60 }),
    ...(meter.timestamp !== undefined && { stamp: String(meter.timestamp) }),
  };
}

function read<T>(schema: z.ZodType<T>, reply: unknown, what: string): T {
  const parsed = schema.safeParse(reply);
  if (!parsed.success) throw new LabError('device.protocol', `what answers is not ${what}`);
  return parsed.data;
}

function choose<T>(of: T | readonly T[], output: number | undefined, what: string): T {
  if (!Array.isArray(of)) return of as T;
  const all = of as readonly T[];
  if (output === undefined && all.length > 1)
    throw new LabError('device.protocol', `it has ${all.length} ${what}; say which, such as id=0`);
  const chosen = all[output ?? 0];
  if (chosen === undefined)
    throw new LabError('device.protocol', `it has ${all.length} ${what}, none of them ${output}`);
  return chosen;
}
