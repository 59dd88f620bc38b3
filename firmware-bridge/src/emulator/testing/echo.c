/*
 * A program for tests of the emulated Pico, with no protocol: echoes every byte of UART0 but these.
 *   00  restart through AIRCR
 *   01  a fixed piece of work; answers its SysTick cycles, 4 bytes, little endian
 *   02 n  answers n * 256 bytes, counting up
 *   03  reads where no memory is; the fault handler does so again: lock-up
 *   04  sleeps a millisecond (TIMER alarm 0), answers 't'
 *   05  never answers again
 *   06  restart through the watchdog
 *   07  answers the microseconds since power-on, 4 bytes, little endian
 *
 * Built into echo-image.ts (SRAM, 0x20000000) by
 *   arm-none-eabi-gcc -mcpu=cortex-m0plus -mthumb -O2 -ffreestanding -nostdlib -Wl,-T,echo.ld -o echo.elf echo.c
 *   arm-none-eabi-objcopy -O binary echo.elf echo.bin && base64 -w0 echo.bin
 */
#include <stdint.h>

#define REG(address) (*(volatile uint32_t *)(address))
#define UART0 0x40034000u
#define TIMER 0x40054000u

extern uint32_t bss_start, bss_end;
static volatile uint8_t ring[1024];
static volatile uint32_t head, tail, rang;

static void put(uint8_t byte) {
  while (REG(UART0 + 0x18) & (1u << 5)) {
  }
  REG(UART0) = byte;
}

static void put32(uint32_t value) {
  for (int i = 0; i < 4; i++, value >>= 8) put((uint8_t)value);
}

void on_uart(void) {
  while (!(REG(UART0 + 0x18) & (1u << 4))) {
    ring[head % sizeof ring] = (uint8_t)REG(UART0);
    head++;
  }
}

void on_timer(void) {
  REG(TIMER + 0x34) = 1;
  rang = 1;
}

void on_fault(void) { (void)REG(0xf0000000u); }

static uint8_t get(void) {
  for (;;) {
    __asm volatile("cpsid i" ::: "memory");
    if (head != tail) break;
    __asm volatile("wfi");
    __asm volatile("cpsie i" ::: "memory");
  }
  __asm volatile("cpsie i" ::: "memory");
  uint8_t byte = ring[tail % sizeof ring];
  tail++;
  return byte;
}

/* Loads, multiplications, branches and stores, as kernels have them. */
__attribute__((noinline)) static uint32_t work(void) {
  static int8_t a[256], b[256];
  static uint32_t sums[64];
  uint32_t hash = 2166136261u;
  for (int i = 0; i < 256; i++) {
    a[i] = (int8_t)(i * 7);
    b[i] = (int8_t)(i * 13 + 5);
  }
  for (int row = 0; row < 64; row++) {
    int32_t sum = 0;
    for (int i = 0; i < 256; i++) sum += a[i] * b[(i + row) & 255];
    sums[row] = (uint32_t)sum;
  }
  for (int row = 0; row < 64; row++) hash = (hash ^ sums[row]) * 16777619u;
  return hash;
}

static uint32_t timed(void) {
  __asm volatile("cpsid i" ::: "memory");
  REG(0xe000e014u) = 0xffffff;
  REG(0xe000e018u) = 0;
  REG(0xe000e010u) = 5;
  uint32_t start = REG(0xe000e018u);
  volatile uint32_t hash = work();
  (void)hash;
  uint32_t cycles = (start - REG(0xe000e018u)) & 0xffffff;
  REG(0xe000e010u) = 0;
  __asm volatile("cpsie i" ::: "memory");
  return cycles;
}

void start(void) {
  for (uint32_t *p = &bss_start; p < &bss_end; p++) *p = 0;
  REG(UART0 + 0x24) = 67;
  REG(UART0 + 0x28) = 52;
  REG(UART0 + 0x2c) = 0x70;
  REG(UART0 + 0x30) = 0x301;
  REG(UART0 + 0x38) = 1u << 4;
  REG(TIMER + 0x38) = 1;
  REG(0xe000e100u) = 1u << 20 | 1u << 0;
  for (;;) {
    uint8_t byte = get();
    switch (byte) {
      case 0:
        REG(0xe000ed0cu) = 0x05fa0004u;
        break;
      case 1:
        put32(timed());
        break;
      case 2:
        for (uint32_t n = (uint32_t)get() * 256, i = 0; i < n; i++) put((uint8_t)i);
        break;
      case 3:
        (void)REG(0xf0000000u);
        break;
      case 4:
        rang = 0;
        REG(TIMER + 0x10) = REG(TIMER + 0x28) + 1000;
        while (!rang) __asm volatile("wfi");
        put('t');
        break;
      case 5:
        __asm volatile("cpsid i");
        for (;;) {
        }
      case 6:
        REG(0x40058000u) = 1u << 31;
        break;
      case 7:
        put32(REG(TIMER + 0x28));
        break;
      default:
        put(byte);
    }
  }
}

extern uint32_t stack_top;
__attribute__((section(".vectors"), used)) static const void *const vectors[48] = {
    [0] = &stack_top, [1] = (void *)start, [3] = (void *)on_fault, [16] = (void *)on_timer, [36] = (void *)on_uart,
};
