/*
 * Processor cycles: the DWT's 32-bit counter where there is one that counts (QEMU has none, and ARMv6-M has none), else SysTick's 24 bits
 * and an interrupt for each turn. The first is read with all interrupts masked. The second needs its own: one turn in 2^24 cycles costs some
 * 40 of them, always at the same place, because the counter is started anew for each measurement.
 */
#include "../port.h"
#include "cortex-m.h"

#define SYST_CSR HT_REGISTER(0xe000e010)
#define SYST_RVR HT_REGISTER(0xe000e014)
#define SYST_CVR HT_REGISTER(0xe000e018)
#define ICSR HT_REGISTER(0xe000ed04)
#define DEMCR HT_REGISTER(0xe000edfc)
#define DWT_CTRL HT_REGISTER(0xe0001000)
#define DWT_CYCCNT HT_REGISTER(0xe0001004)
#define DWT_LAR HT_REGISTER(0xe0001fb0)
#define TURN 0xffffffu

void ht_systick_handler(void);
void ht_interrupt_hold(bool on);

static volatile uint32_t turns;
static uint64_t earlier;          /* cycles before the counter was last started anew */
static uint32_t cycles_per_micro;
static bool dwt;
static uint32_t last_cycles, began; /* DWT: when it was last looked at; start of the measurement */

static uint64_t systick_elapsed(void) {
  for (;;) {
    const uint32_t before = turns, elapsed = TURN - SYST_CVR;
    /* A turn that has just happened has its interrupt taken by here. */
    __asm__ volatile("dsb\n isb" ::: "memory");
    if (before == turns) return ((uint64_t)before << 24) + elapsed;
  }
}

static void systick_restart(void) {
  SYST_CVR = 0;
  /* It is 0 until the next clock, and an emulator may count that as a turn. */
  for (uint32_t tries = 0; tries < 16 && SYST_CVR == 0; tries++) __asm__ volatile("");
  __asm__ volatile("dsb\n isb" ::: "memory");
  ICSR = 1u << 25;
  turns = 0;
}

/* Follows the 32-bit counter; called at least once a turn of SysTick, which is often enough. */
static uint64_t dwt_elapsed(void) {
  uint32_t mask;
  __asm__ volatile("mrs %0, primask\n cpsid i" : "=r"(mask)::"memory");
  const uint32_t now = DWT_CYCCNT;
  earlier += now - last_cycles;
  last_cycles = now;
  const uint64_t all = earlier;
  __asm__ volatile("msr primask, %0" ::"r"(mask) : "memory");
  return all;
}

void ht_systick_handler(void) {
  turns++;
  if (dwt) dwt_elapsed();
}

static bool dwt_counts(void) {
#if __ARM_ARCH >= 7
  DEMCR |= 1u << 24;
  DWT_LAR = 0xc5acce55; /* Cortex-M7 locks it */
  DWT_CYCCNT = 0;
  DWT_CTRL |= 1;
  const uint32_t before = DWT_CYCCNT;
  for (uint32_t i = 0; i < 16; i++) __asm__ volatile("nop");
  return DWT_CYCCNT != before;
#else
  return false;
#endif
}

const char *ht_ticks_start(uint32_t hz) {
  cycles_per_micro = hz / 1000000;
  SYST_RVR = TURN;
  SYST_CVR = 0;
  SYST_CSR = 7; /* processor clock, interrupt, on */
  dwt = dwt_counts();
#if __ARM_ARCH >= 7
  if (dwt) last_cycles = DWT_CYCCNT;
#endif
  systick_restart();
  return dwt ? "dwt" : "systick";
}

void ht_port_quiet(bool on) {
  if (!on) {
    if (dwt) __asm__ volatile("cpsie i" ::: "memory");
    ht_interrupt_hold(false);
    return;
  }
  ht_interrupt_hold(true);
  if (dwt) {
    dwt_elapsed();
    __asm__ volatile("cpsid i" ::: "memory");
    began = DWT_CYCCNT;
  } else {
    earlier += systick_elapsed();
    systick_restart();
  }
}

uint32_t ht_port_ticks(void) {
  if (dwt) return DWT_CYCCNT - began;
  const uint64_t elapsed = systick_elapsed();
  return elapsed > UINT32_MAX ? UINT32_MAX : (uint32_t)elapsed;
}

uint64_t ht_port_micros(void) { return (dwt ? dwt_elapsed() : earlier + systick_elapsed()) / cycles_per_micro; }

bool ht_wait_for(uintptr_t address, uint32_t mask, uint32_t value) {
  for (uint32_t tries = 0; tries < 1000000; tries++)
    if ((HT_REGISTER(address) & mask) == value) return true;
  return false;
}
