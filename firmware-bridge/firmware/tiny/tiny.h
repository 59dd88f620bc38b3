/*
 * The EEMBC/MLPerf Tiny text protocol over the model that is loaded: words ended by '%', answers in lines, each command closed by
 * "m-ready". A device for any runner of that benchmark.
 */
#ifndef HT_TINY_H
#define HT_TINY_H
#include "../session/session.h"

/* Longest command; what is longer is answered with an error, never cut. */
#define HT_TINY_COMMAND 80u

typedef struct {
  ht_session *session;
  char command[HT_TINY_COMMAND + 1];
  uint32_t count;     /* characters of it, also those that did not fit */
  uint32_t expected;  /* by `db load`; 0: nothing announced */
  uint32_t loaded;    /* bytes of it that came */
} ht_tiny;

/* What a device says when it starts. */
void ht_tiny_greet(void);

/* One byte that belongs to nobody else; false if it is not this protocol's either (a control character). */
bool ht_tiny_take(ht_tiny *tiny, uint8_t byte);

/* Forgets a begun command: another protocol has the line. */
void ht_tiny_drop(ht_tiny *tiny);

#endif
