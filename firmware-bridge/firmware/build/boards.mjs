// Every board's line: what is compiled for it, how, and what is known about it.

const cortexM = [
  'boards/common/memory.c',
  'boards/cortex-m/receive.c',
  'boards/cortex-m/startup.c',
  'boards/cortex-m/ticks.c',
];
const oneLine = [...cortexM, 'boards/cortex-m/one-line.c'];
const pico = ['port', 'lines', 'usb', 'usb-descriptors', 'boot-loader', 'flash-id'].map((name) => `boards/pico/${name}.c`);
const m0plus = ['-mcpu=cortex-m0plus', '-mthumb', '-mfloat-abi=soft'];
const m4 = ['-mcpu=cortex-m4', '-mthumb', '-mfloat-abi=hard', '-mfpu=fpv4-sp-d16'];
const m7 = ['-mcpu=cortex-m7', '-mthumb', '-mfloat-abi=hard', '-mfpu=fpv5-sp-d16'];

/** `ran`: what the image has been seen to run on. `interrupts`: device interrupts of the chip. */
export const boards = [
  {
    name: 'pico',
    title: 'Raspberry Pi Pico (RP2040)',
    cpu: m0plus,
    interrupts: 26,
    sources: [...cortexM, ...pico],
    script: 'boards/pico/image.ld',
    boot2: 'boards/pico/boot2.S',
    loadAt: 0x20000000,
    serial: 'USB, or UART0: GPIO0 sends, GPIO1 receives',
    ran: 'emulated only',
  },
  {
    name: 'stm32f405',
    title: 'STM32F405 boards',
    cpu: m4,
    interrupts: 82,
    sources: [...oneLine, 'boards/stm32f405/port.c'],
    script: 'boards/stm32f405/image.ld',
    loadAt: 0x08000000,
    qemu: 'netduinoplus2',
    serial: 'USART1: PB6 sends, PB7 receives; needs a UART adapter',
    ran: 'emulated only',
  },
  {
    name: 'mps2-an386',
    title: 'Arm MPS2 with a Cortex-M4',
    cpu: m4,
    interrupts: 32,
    sources: [...oneLine, 'boards/mps2/port.c'],
    defines: ['-DHT_BOARD="mps2-an386"', '-DHT_CPU="cortex-m4"'],
    script: 'boards/mps2/an386.ld',
    loadAt: 0,
    qemu: 'mps2-an386',
    serial: 'UART 0',
    ran: 'emulated only',
  },
  {
    name: 'mps2-an500',
    title: 'Arm MPS2 with a Cortex-M7',
    cpu: m7,
    interrupts: 32,
    sources: [...oneLine, 'boards/mps2/port.c'],
    defines: ['-DHT_BOARD="mps2-an500"', '-DHT_CPU="cortex-m7"'],
    script: 'boards/mps2/an500.ld',
    loadAt: 0,
    qemu: 'mps2-an500',
    serial: 'UART 0',
    ran: 'emulated only',
  },
];
