import type { Context } from '../context.js';
import type { Listening } from './coordinator-process.js';

/** Prints where a lab is and how to get in. The address with the code is on standard output: it is what was asked for. */
export function announce(context: Context, listening: Listening): void {
  const others = listening.urls.filter((url) => url !== listening.url);
  context.event({ event: 'listening', ...listening }, () => {
    const { style } = context;
    return [
      `${style.bold('Hilltop serves at')} ${listening.url}`,
      ...(others.length > 0 ? [`  also ${others.join('  ')}`] : []),
      ...(listening.mqttPort === undefined
        ? []
        : [`  MQTT on port ${listening.mqttPort} and at ${listening.url.replace(/^http/, 'ws')}/mqtt`]),
      `  data in ${listening.dataDir}`,
      `Open, signed in, once: ${style.bold(listening.signInUrl)}`,
      '',
    ].join('\n');
  });
}
