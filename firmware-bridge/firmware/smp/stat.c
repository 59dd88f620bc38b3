/* Group 2: counters of the line, as Zephyr's stat_mgmt shows them. */
#include "server.h"

enum { SHOW = 0, LIST = 1 };
enum { INVALID_GROUP = 2 /* STAT_MGMT_ERR_INVALID_GROUP */ };

static int show(const ht_smp *smp, const ht_smp_request *request, ht_cbor_writer *out) {
  static const char *const keys[] = {"name"};
  ht_cbor_value name[1];
  if (!ht_cbor_read_map(request->payload, request->count, keys, name, 1) || name[0].type != HT_CBOR_TEXT) return HT_SMP_MALFORMED;
  if (name[0].count != 4 || name[0].bytes[0] != 'l' || name[0].bytes[1] != 'i' || name[0].bytes[2] != 'n' || name[0].bytes[3] != 'e')
    return INVALID_GROUP;
  ht_cbor_put_text(out, "name", "line");
  ht_cbor_text(out, "fields");
  ht_cbor_begin(out);
  ht_cbor_put_uint(out, "packets", smp->console.packets);
  ht_cbor_put_uint(out, "broken", smp->console.broken);
  ht_cbor_put_uint(out, "discarded", *smp->discarded);
  ht_cbor_put_uint(out, "lost", ht_port_lost());
  ht_cbor_put_uint(out, "requests", smp->requests);
  ht_cbor_end(out);
  return 0;
}

int ht_smp_stat(ht_smp *smp, uint8_t command, const ht_smp_request *request, ht_cbor_writer *out) {
  if (request->write) return HT_SMP_NOT_SUPPORTED;
  switch (command) {
    case SHOW:
      return show(smp, request, out);
    case LIST:
      ht_cbor_text(out, "stat_list");
      ht_cbor_begin_array(out);
      ht_cbor_text(out, "line");
      ht_cbor_end(out);
      return 0;
    default:
      return HT_SMP_NOT_SUPPORTED;
  }
}
