import type { VerbOption } from './verb-row.js';

/** Options of the agent: `hilltop agent` and `hilltop-agent` have the same. */
export const agentOptions: readonly VerbOption[] = [
  { flag: '--token T', description: 'one-time join token; needed the first time only' },
  { flag: '--name N', description: 'name of the device (host name)' },
  { flag: '-l, --label k=v', description: 'a fact about the device', repeatable: true },
  {
    flag: '--serial PORT[,driver=D][,baud=N]',
    description: 'a microcontroller: /dev/ttyACM0, tcp:HOST:PORT, unix:PATH or auto; drivers: smp, mlperf-tiny',
    repeatable: true,
  },
  { flag: '--emulate BOARD', description: 'an emulated board: pico', repeatable: true },
  {
    flag: '--calibrate D.K=V',
    description: 'what is known of a sensor of this machine, e.g. ina2xx.1-0040.shuntOhm=0.1',
    repeatable: true,
  },
  {
    flag: '--meter SPEC',
    description:
      'an instrument in the supply of a device, e.g. ppk2:/dev/ttyACM0,mv=3300 or shelly:http://10.0.0.6; ,device=KEY for a board',
    repeatable: true,
  },
  {
    flag: '--simulate-meter M',
    description: 'a simulated ppk2, lpm01a, tasmota or shelly with a synthetic device; never a measurement',
    repeatable: true,
  },
  {
    flag: '--prepare LIST',
    description:
      'what may be set on this machine for a run: governor, affinity=2-3, fan, power-mode=0, cool-down, modes',
  },
  {
    flag: '--runtime NAME=COMMAND',
    description: 'a program of your own that executes models, e.g. tflite=/opt/run-tflite (docs/external-runtime.md)',
    repeatable: true,
  },
  {
    flag: '--flash BOARD[,to=DIR]',
    description: "bring the lab's firmware to a board (pico) whose boot drive is mounted, and end",
  },
  { flag: '--data DIR', description: 'where the agent keeps its key, journal and cache' },
  { flag: '--mqtt URL', description: "MQTT address, where it is not the lab's own" },
  { flag: '--cache-limit SIZE', description: 'most bytes of artifacts to keep, e.g. 2GB' },
  { flag: '--install-service', description: 'install a systemd unit and start it' },
  { flag: '--doctor', description: 'say what works here and who answers at which port, and end' },
];
