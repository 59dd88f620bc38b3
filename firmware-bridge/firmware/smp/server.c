#include "server.h"

/* Header, big-endian: reserved 3, version 2, operation 3 bits; flags; length; group; sequence; command. */
#define HEADER 8u
enum { READ = 0, WRITE = 2 };

static int dispatch(ht_smp *smp, uint32_t group, uint8_t command, const ht_smp_request *request, ht_cbor_writer *out) {
  switch (group) {
    case 0:
      return ht_smp_os(smp, command, request, out);
    case 2:
      return ht_smp_stat(smp, command, request, out);
    case HT_MODEL_GROUP:
      return ht_smp_model(smp, command, request, out);
    default:
      return HT_SMP_NOT_SUPPORTED;
  }
}

static void put_error(ht_cbor_writer *out, int code, uint32_t group, uint32_t version) {
  /* Version 2 has codes of a group under `err`; what is wrong with the message itself stays a plain `rc`. */
  if (code < 0 || version == 0) {
    /* Version 1 has only common codes. Ours are those; what the other groups refuse (a format, a name) is an invalid argument there. */
    const int common = code < 0 ? -code : group == HT_MODEL_GROUP ? code : HT_RC_INVALID;
    ht_cbor_put_uint(out, "rc", (uint64_t)common);
    return;
  }
  ht_cbor_text(out, "err");
  ht_cbor_begin(out);
  ht_cbor_put_uint(out, "group", group);
  ht_cbor_put_uint(out, "rc", (uint64_t)code);
  ht_cbor_end(out);
}

uint32_t ht_smp_handle(ht_smp *smp, const uint8_t *message, uint32_t length) {
  if (length < HEADER) return 0;
  const uint32_t operation = message[0] & 7u, version = message[0] >> 3 & 3u;
  /* Answers to others on a shared line are not for us, and answering them could go on for ever. */
  if (operation != READ && operation != WRITE) return 0;
  const uint32_t announced = (uint32_t)message[2] << 8 | message[3], group = (uint32_t)message[4] << 8 | message[5];
  const ht_smp_request request = {operation == WRITE, message + HEADER, length - HEADER};

  uint8_t *answer = smp->answer + 2;
  ht_cbor_writer out = {answer + HEADER, HT_SMP_MESSAGE - HEADER, 0, false};
  ht_cbor_begin(&out);
  int code = version > 1 ? -13 /* MGMT_ERR_UNSUPPORTED_TOO_NEW */ : announced != request.count ? HT_SMP_MALFORMED : 0;
  if (code == 0) code = dispatch(smp, group, message[7], &request, &out);
  if (code != 0) put_error(&out, code, group, version);
  ht_cbor_end(&out);
  if (out.overflow) {
    out.count = 0;
    out.overflow = false;
    ht_cbor_begin(&out);
    put_error(&out, HT_SMP_NO_ROOM, group, version);
    ht_cbor_end(&out);
  }
  answer[0] = (uint8_t)((version > 1 ? 1 : version) << 3 | (operation + 1));
  answer[1] = 0;
  answer[2] = (uint8_t)(out.count >> 8);
  answer[3] = (uint8_t)out.count;
  for (uint32_t i = 4; i < HEADER; i++) answer[i] = message[i];
  smp->requests++;
  return HEADER + out.count;
}
