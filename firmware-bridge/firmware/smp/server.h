/* SMP server (Zephyr's MCUmgr protocol, versions 1 and 2): OS, statistics and our group 64 `model`. */
#ifndef HT_SMP_SERVER_H
#define HT_SMP_SERVER_H
#include "../session/session.h"
#include "cbor.h"
#include "console.h"

#define HT_FIRMWARE "1.0.0"
#define HT_MODEL_GROUP 64u

typedef struct {
  ht_session *session;
  ht_console console;
  uint8_t answer[HT_SMP_BUFFER];
  uint32_t requests;   /* answered since the start */
  uint32_t boot;       /* differs from one start to the next; 0: the board has no source for it */
  bool reset;          /* asked for: due when the answer is out */
  const uint32_t *discarded; /* bytes between frames that were nobody's */
} ht_smp;

typedef struct {
  bool write;
  const uint8_t *payload;
  uint32_t count;
} ht_smp_request;

/* What a handler returns besides 0 and a positive code of its own group: a fault of the request, the same in both versions. */
enum { HT_SMP_NOT_SUPPORTED = -HT_RC_NOT_SUPPORTED, HT_SMP_MALFORMED = -HT_RC_INVALID, HT_SMP_NO_ROOM = -HT_RC_TOO_LARGE };

/* Handles one message and writes the answer's at answer + 2; returns its length, 0 for none. */
uint32_t ht_smp_handle(ht_smp *smp, const uint8_t *message, uint32_t length);

/* The groups; `out` is an open map. */
int ht_smp_os(ht_smp *smp, uint8_t command, const ht_smp_request *request, ht_cbor_writer *out);
int ht_smp_stat(ht_smp *smp, uint8_t command, const ht_smp_request *request, ht_cbor_writer *out);
int ht_smp_model(ht_smp *smp, uint8_t command, const ht_smp_request *request, ht_cbor_writer *out);

#endif
