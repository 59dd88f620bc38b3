import { isLabError } from '@hilltop/contracts';
import * as z from 'zod';
import type { SmpClient } from './smp-client.js';
import { usualBufferBytes } from './upload.js';

const group = 0;
const anything = z.object({});

/** Group 0: what every server with an operating system has. */
export const osGroup = {
  /** Gives the text back. */
  echo: async (client: SmpClient, text: string, options: AskOptions = {}): Promise<string> =>
    (
      await client.request({
        what: 'an echo',
        operation: 'write',
        group,
        command: 0,
        payload: { d: text },
        answer: z.object({ r: z.string().max(4096) }),
        ...options,
      })
    ).r,

  /** The board restarts after the answer. */
  reset: async (client: SmpClient): Promise<void> => {
    await client.request({ what: 'a reset', operation: 'write', group, command: 5, payload: {}, answer: anything });
  },

  /** Size of the server's buffer; `unknown`, or the usual one, where it does not say. */
  bufferBytes: async (client: SmpClient, options: { readonly unknown?: number } = {}): Promise<number> => {
    try {
      const { buf_size } = await client.request({
        what: 'its parameters',
        operation: 'read',
        group,
        command: 6,
        payload: {},
        answer: z.object({ buf_size: z.number().int().min(64).max(65_535), buf_count: z.number().int().optional() }),
      });
      return buf_size;
    } catch (error) {
      // MCUboot has no parameters: some versions refuse, some say nothing.
      if (isLabError(error, 'device.refused') || isLabError(error, 'device.no-answer'))
        return options.unknown ?? usualBufferBytes;
      throw error;
    }
  },

  /** `format` as of `uname`: s kernel, v version, m machine, i board, a everything ... */
  info: async (client: SmpClient, format = 'a'): Promise<string> =>
    (
      await client.request({
        what: 'its system information',
        operation: 'read',
        group,
        command: 7,
        payload: { format },
        answer: z.object({ output: z.string().max(4096) }),
      })
    ).output,
};

/** What a caller may say about one request. */
export interface AskOptions {
  readonly timeoutMs?: number;
  readonly attempts?: number;
  readonly signal?: AbortSignal | undefined;
}
