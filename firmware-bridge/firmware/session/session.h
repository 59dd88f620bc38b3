/*
 * One model on the board, whoever speaks to it: where the plan is being received, is checked, gets its input, runs and is timed.
 * The board's memory is shared as [plan][arena][copy of the input, where there is room].
 */
#ifndef HT_SESSION_H
#define HT_SESSION_H
#include <stdbool.h>
#include <stdint.h>
#include "../boards/port.h"
#include "../core/model.h"

/* As SMP has them (mgmt_defines.h); also what group 64 answers. */
enum {
  HT_RC_OK = 0,
  HT_RC_UNKNOWN = 1,
  HT_RC_NO_MEMORY = 2,
  HT_RC_INVALID = 3,
  HT_RC_NO_ENTRY = 5,
  HT_RC_BAD_STATE = 6,
  HT_RC_TOO_LARGE = 7,
  HT_RC_NOT_SUPPORTED = 8,
  HT_RC_CORRUPT = 9,
};

#define HT_MAX_RUNS 64u     /* timed inferences in one request */
#define HT_MAX_WARM 1000u   /* untimed ones before */
#define HT_MAX_LAYERS 256u  /* operators whose ticks are kept */

typedef struct {
  const ht_board *board;
  uint8_t sha[32];     /* of the plan that is being received or is there */
  uint32_t length;     /* of it; 0: none */
  uint32_t have;       /* bytes of it that are there */
  bool loaded;
  ht_model model;
  uint32_t need;       /* plan + arena, of the last load that was asked for */
  uint8_t *kept_input; /* copy that outlives a run, since the arena's input may be overwritten by one; undefined: no room */
  uint32_t input_have; /* bytes of the input that were given since it was begun */
  bool answered;       /* the output is that of the last complete input */
  uint32_t layers;     /* how many of layer_ticks are of the last run; 0: it was not timed by layer */
  uint32_t layer_ticks[HT_MAX_LAYERS];
} ht_session;

void ht_session_start(ht_session *session, const ht_board *board);

/* A new plan is announced; what is there of the same one is kept, else nothing. HT_RC_NO_MEMORY: larger than the memory. */
int ht_session_announce(ht_session *session, const uint8_t sha[32], uint32_t length);

/* A piece of it. Ignored unless it begins where the plan ends so far. HT_RC_INVALID: longer than announced. */
int ht_session_receive(ht_session *session, uint32_t at, const uint8_t *bytes, uint32_t count);

/* Whether what was received whole is what was announced; if not it is dropped, since it could not be resumed. */
bool ht_session_matches(ht_session *session);

/* Checks and prepares the plan that was received. HT_RC_NO_ENTRY: another one or not whole; `need` is set with HT_RC_NO_MEMORY. */
int ht_session_load(ht_session *session, const uint8_t sha[32]);

void ht_session_erase(ht_session *session);

/* Bytes of the one input and the one output; 0 when nothing is loaded. */
uint32_t ht_session_input_bytes(const ht_session *session);
uint32_t ht_session_output_bytes(const ht_session *session);
/* Where the input is kept, or stands in the arena. */
const uint8_t *ht_session_input_at(const ht_session *session);
/* Undefined until there is a whole input and a run after it. */
const uint8_t *ht_session_output(const ht_session *session);
const ht_tensor *ht_session_output_tensor(const ht_session *session);

/* A piece of the input: at 0 it is begun anew, else it goes on where the last ended (else HT_RC_INVALID). */
int ht_session_input(ht_session *session, uint32_t at, const uint8_t *bytes, uint32_t count);

/*
 * Runs `warm` times untimed, then `count` <= HT_MAX_RUNS times with the ticks of each in ticks[]. Without a whole input, or without
 * room to keep one, it runs on whatever the arena holds: right for timing, and the output is then not given out.
 */
int ht_session_infer(ht_session *session, uint32_t warm, uint32_t count, bool by_layer, uint32_t ticks[]);

#endif
