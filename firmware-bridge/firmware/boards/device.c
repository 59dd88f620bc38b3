#include "device.h"
#include "../session/bytes.h"
#include "../smp/server.h"
#include "../tiny/tiny.h"

static ht_session session;
static ht_smp smp;
static ht_tiny tiny;
static uint32_t discarded;

void ht_device_start(const ht_board *board, uint32_t boot) {
  memset(&smp, 0, sizeof smp);
  memset(&tiny, 0, sizeof tiny);
  discarded = 0;
  ht_session_start(&session, board);
  smp.session = &session;
  smp.boot = boot;
  smp.discarded = &discarded;
  tiny.session = &session;
  ht_tiny_greet();
}

static void answer(void) {
  const uint32_t length = ht_smp_handle(&smp, smp.console.packet + 2, smp.console.length);
  if (length > 0) ht_console_send(smp.answer, length, ht_port_write);
  if (smp.reset) ht_port_reset();
}

void ht_device_take(uint8_t byte) {
  switch (ht_console_take(&smp.console, byte)) {
    case HT_CONSOLE_PACKET:
      answer();
      break;
    case HT_CONSOLE_TEXT:
      if (!ht_tiny_take(&tiny, byte)) discarded++;
      break;
    default:
      /* In a frame: what was typed before it was no command. */
      ht_tiny_drop(&tiny);
  }
}
