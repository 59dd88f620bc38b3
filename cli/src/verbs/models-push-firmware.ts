import { type FirmwareInput, type Model, RecipeName, Variant, type VariantInFirmware } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { findModel } from '../lab/find.js';
import type { ExitStatus } from '../shell/exit-status.js';
import { usageError } from '../shell/usage-error.js';
import { variantsText } from '../text/variants-text.js';
import { refuseModelOptions, trainingOf } from './models-push.js';

/** Makes a variant of the model that a device has in its firmware; nothing is uploaded. */
export async function pushInFirmware(context: Context, device: string, of: string | undefined): Promise<ExitStatus> {
  const { options, lab, positionals } = context;
  if (of === undefined)
    throw usageError('--in-firmware-of goes with --variant-of MODEL: whose labelled data it is measured on.');
  if (positionals[0] !== undefined)
    throw usageError(
      `${positionals[0]} is not needed: with --in-firmware-of the model is in the firmware of ${device}.`,
    );
  refuseModelOptions(options, of);
  const [name, description, input] = [
    options.text('name'),
    options.text('description'),
    options.text('firmware-input'),
  ];
  if (name !== undefined && !RecipeName.safeParse(name).success) throw usageError(`"${name}" is no name of a variant.`);
  const training = trainingOf(options);
  const model: Model = await findModel(lab, of);
  const push: VariantInFirmware = {
    model: model.id,
    device,
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(input !== undefined && { input: parseFirmwareInput(input) }),
    ...(training && { training }),
  };
  const variant = await lab.post('/api/v1/variants/in-firmware', push, Variant);
  context.answer(variant, () => variantsText([variant], context.style));
  context.say(`Measure it beside the others: hilltop run -m ${model.name} -r ${variant.recipe} -d ${device}`);
  return 0;
}

/** `int8:0.0039:-128,channels-last` -> how the firmware's input is encoded. Throws `usage.invalid`. */
export function parseFirmwareInput(text: string): FirmwareInput {
  const match = /^(uint8|int8)(?::([0-9.eE+-]+):(-?\d{1,3}))?(,channels-last)?$/.exec(text);
  const [, type, scale, zeroPoint, channelsLast] = match ?? [];
  const [step, zero] = [Number(scale ?? 1), Number(zeroPoint ?? 0)];
  const [low, high] = type === 'int8' ? [-128, 127] : [0, 255];
  if (!match || !(step > 0 && Number.isFinite(step)) || zero < low || zero > high)
    throw usageError(
      `--firmware-input "${text}" is not uint8 or int8, with :SCALE:ZERO-POINT where the data is floats, as int8:0.0039:-128.`,
    );
  return {
    type: type as FirmwareInput['type'],
    ...(scale !== undefined && { scale: step, zeroPoint: zero }),
    ...(channelsLast && { channelsLast: true }),
  };
}
