/* Group 0: echo, reset, parameters, information, as Zephyr's os_mgmt has them. */
#include <stddef.h>
#include "server.h"

enum { ECHO = 0, RESET = 5, PARAMETERS = 6, INFORMATION = 7 };
enum { INVALID_FORMAT = 2 /* OS_MGMT_ERR_INVALID_FORMAT */ };

static int echo(const ht_smp_request *request, ht_cbor_writer *out) {
  static const char *const keys[] = {"d"};
  ht_cbor_value text[1];
  if (!ht_cbor_read_map(request->payload, request->count, keys, text, 1) || text[0].type != HT_CBOR_TEXT) return HT_SMP_MALFORMED;
  ht_cbor_text(out, "r");
  ht_cbor_text_bytes(out, text[0].bytes, text[0].count);
  return 0;
}

/* What `uname` would say for one letter; undefined for letters it does not know. */
static const char *part(const ht_board *board, uint8_t letter) {
  switch (letter) {
    case 's':
    case 'o':
      return "Hilltop";
    case 'n':
    case 'i':
      return board->board;
    case 'r':
    case 'v':
      return HT_FIRMWARE;
    case 'm':
    case 'p':
      return board->cpu;
    default:
      return NULL;
  }
}

/* All letters first, so that nothing is written before an error. */
static bool format_is_known(const ht_board *board, const uint8_t *format, uint32_t count) {
  for (uint32_t i = 0; i < count; i++)
    if (format[i] != 'a' && part(board, format[i]) == NULL) return false;
  return count <= 16;
}

static int information(const ht_board *board, const ht_smp_request *request, ht_cbor_writer *out) {
  static const char *const keys[] = {"format"};
  ht_cbor_value format[1];
  if (!ht_cbor_read_map(request->payload, request->count, keys, format, 1)) return HT_SMP_MALFORMED;
  if (format[0].type != HT_CBOR_ABSENT && format[0].type != HT_CBOR_TEXT) return HT_SMP_MALFORMED;
  const uint8_t *letters = format[0].count > 0 ? format[0].bytes : (const uint8_t *)"s";
  uint32_t count = format[0].count > 0 ? format[0].count : 1;
  if (!format_is_known(board, letters, count)) return INVALID_FORMAT;
  for (uint32_t i = 0; i < count; i++) {
    if (letters[i] != 'a') continue;
    letters = (const uint8_t *)"snrvmpio";
    count = 8;
    break;
  }
  uint8_t text[16 * 24];
  uint32_t at = 0;
  for (uint32_t i = 0; i < count; i++) {
    if (i > 0) text[at++] = ' ';
    for (const char *p = part(board, letters[i]); *p != 0 && at < (i + 1) * 24 - 1; p++) text[at++] = (uint8_t)*p;
  }
  ht_cbor_text(out, "output");
  ht_cbor_text_bytes(out, text, at);
  return 0;
}

int ht_smp_os(ht_smp *smp, uint8_t command, const ht_smp_request *request, ht_cbor_writer *out) {
  switch (command) {
    case ECHO:
      return echo(request, out);
    case RESET:
      if (!request->write) return HT_SMP_NOT_SUPPORTED;
      smp->reset = true;
      return 0;
    case PARAMETERS:
      ht_cbor_put_uint(out, "buf_size", HT_SMP_BUFFER);
      ht_cbor_put_uint(out, "buf_count", 1);
      return 0;
    case INFORMATION:
      return request->write ? HT_SMP_NOT_SUPPORTED : information(smp->session->board, request, out);
    default:
      return HT_SMP_NOT_SUPPORTED;
  }
}
