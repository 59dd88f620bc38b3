/*
 * Throws damaged and invented traffic at the device, in process: frames, messages, CBOR, text commands, plans. Built with
 * AddressSanitizer and UndefinedBehaviorSanitizer; what it checks itself is that every answer is a well-formed frame.
 *   fuzz CASES [SEED]
 */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../boards/device.h"
#include "../smp/cbor.h"
#include "../smp/console.h"
#include "../smp/crc16.h"
#include "make.h"

static uint8_t *memory;
static ht_board board = {"fuzz", "host", "clock", 1000000000u, NULL, 0, 0};
static jmp_buf restarted;
static unsigned long answers, resets;
static ht_console reader;

static void fail(const char *what) {
  fprintf(stderr, "fuzz: %s\n", what);
  abort();
}

/* Everything the device says is text or a frame that its own parser accepts. */
void ht_port_write(const uint8_t *bytes, uint32_t count) {
  const uint32_t broken = reader.broken;
  if (bytes[0] == 0x06 || bytes[0] == 0x04) {
    if (count > 127 || bytes[count - 1] != '\n') fail("a line that is too long or has no end");
  }
  for (uint32_t i = 0; i < count; i++) {
    if (ht_console_take(&reader, bytes[i]) != HT_CONSOLE_PACKET) continue;
    answers++;
    const uint8_t *message = reader.packet + 2;
    if ((message[0] & 7) != 1 && (message[0] & 7) != 3) fail("an answer that is none");
    if ((uint32_t)(message[2] << 8 | message[3]) + 8 != reader.length) fail("an answer with a wrong length");
    if (!ht_cbor_read_map(message + 8, reader.length - 8, NULL, NULL, 0)) fail("an answer that is not a map");
  }
  if (reader.broken != broken) fail("an answer with a broken frame");
}

uint32_t ht_port_lost(void) { return 0; }
void ht_port_quiet(bool on) { (void)on; }
uint32_t ht_port_ticks(void) {
  static uint32_t ticks;
  return ticks += 7;
}
uint64_t ht_port_micros(void) { return ht_port_ticks(); }
uint32_t ht_port_stack(void) { return 0; }
_Noreturn void ht_port_reset(void) {
  resets++;
  longjmp(restarted, 1);
}

static void feed(const uint8_t *bytes, uint32_t count) {
  if (setjmp(restarted) != 0) {
    ht_device_start(&board, 1);
    return;
  }
  for (uint32_t i = 0; i < count; i++) ht_device_take(bytes[i]);
}

/* The map alone, in a block of exactly its size, so that a byte too far is seen. */
static void read_alone(const uint8_t *bytes, uint32_t count) {
  static const char *const keys[] = {"off", "data", "len", "sha", "n", "warm"};
  ht_cbor_value values[6];
  uint8_t *exact = malloc(count > 0 ? count : 1);
  memcpy(exact, bytes, count);
  uint32_t sum = 0;
  if (ht_cbor_read_map(exact, count, keys, values, 6))
    for (uint32_t i = 0; i < 6; i++)
      if (values[i].type == HT_CBOR_BYTES || values[i].type == HT_CBOR_TEXT)
        for (uint32_t k = 0; k < values[i].count; k++) sum += values[i].bytes[k];
  free(exact);
  if (sum == 0xffffffffu) fail("cannot be");
}

int main(int count, char **arguments) {
  if (count < 2) {
    fprintf(stderr, "usage: %s CASES [SEED]\n", arguments[0]);
    return 2;
  }
  const unsigned long cases = strtoul(arguments[1], NULL, 10);
  make_seed(count > 2 ? strtoul(arguments[2], NULL, 10) : 1);
  /* A block of its own from the heap: the last byte of the memory is the last byte of the block. */
  board.memory_bytes = 4096;
  memory = aligned_alloc(16, board.memory_bytes);
  memset(memory, 0, board.memory_bytes);
  board.memory = memory;
  ht_device_start(&board, 1);
  static uint8_t bytes[MAKE_ROOM];
  for (unsigned long i = 0; i < cases; i++) {
    uint32_t length;
    switch (make_below(8)) {
      case 0:
        length = make_noise(bytes);
        break;
      case 1:
        length = make_command(bytes);
        break;
      case 2:
        length = make_map(bytes);
        read_alone(bytes, length);
        continue;
      case 3:
        length = make_plan_traffic(bytes);
        break;
      default:
        length = make_frame(bytes);
    }
    feed(bytes, length);
  }
  printf("%lu cases, %lu answers, %lu sound plans, %lu resets\n", cases, answers, make_loads(), resets);
  free(memory);
  return 0;
}
