import { ConsoleReceipt, type Device, enteredLine, isLabError, LabError } from '@hilltop/contracts';
import type { Context } from '../context.js';

/** The keyboard of a board, for somebody at a terminal. */
export interface CliKeyboard {
  /** Types a line; takes the keyboard first where it may, and asks for it where another answers. Throws what keeps it from typing. */
  readonly enter: (line: string) => Promise<void>;
}

export function keyboardOf({ lab }: Pick<Context, 'lab'>, device: Pick<Device, 'id' | 'name'>): CliKeyboard {
  const send = (act: 'take' | 'ask' | 'type', body: object = {}) =>
    lab.post(`/api/v1/devices/${device.id}/console/${act}`, body, ConsoleReceipt);
  const take = async (): Promise<void> => {
    try {
      await send('take');
    } catch (error) {
      if (!isLabError(error, 'console.not-writer')) throw error;
      await send('ask');
      throw new LabError(
        'console.not-writer',
        `${error.message.replace(/;.*/, '')}. Asked for the keyboard: it is yours when it is given to you, or when nobody typed for 60 s. Type the line again then`,
      );
    }
  };
  return {
    async enter(line) {
      const text = enteredLine(line);
      try {
        await send('type', { text });
      } catch (error) {
        if (isLabError(error, 'console.no-lease'))
          throw new LabError(error.code, `nobody holds ${device.name}: hilltop reserve -d ${device.name} --for 30m`);
        if (!isLabError(error, 'console.not-writer')) throw error;
        await take();
        await send('type', { text });
      }
    },
  };
}
