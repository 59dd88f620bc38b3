#include "session.h"
#include "bytes.h"
#include "sha256.h"

void ht_session_start(ht_session *s, const ht_board *board) {
  memset(s, 0, sizeof *s);
  s->board = board;
}

static void unload(ht_session *s) {
  s->loaded = false;
  s->answered = false;
  s->kept_input = NULL;
  s->input_have = 0;
  s->layers = 0;
}

void ht_session_erase(ht_session *s) {
  unload(s);
  s->length = 0;
  s->have = 0;
}

int ht_session_announce(ht_session *s, const uint8_t sha[32], uint32_t length) {
  if (length < sizeof(ht_plan_header)) return HT_RC_INVALID;
  if (length > s->board->memory_bytes) {
    s->need = length;
    return HT_RC_NO_MEMORY;
  }
  if (s->length == length && memcmp(s->sha, sha, 32) == 0) return HT_RC_OK;
  ht_session_erase(s);
  memcpy(s->sha, sha, 32);
  s->length = length;
  return HT_RC_OK;
}

int ht_session_receive(ht_session *s, uint32_t at, const uint8_t *bytes, uint32_t count) {
  if (at != s->have || s->have == s->length) return HT_RC_OK;
  if (count > s->length - at) return HT_RC_INVALID;
  if (count > 0) memcpy(s->board->memory + at, bytes, count);
  s->have += count;
  return HT_RC_OK;
}

bool ht_session_matches(ht_session *s) {
  uint8_t found[32];
  ht_sha256(s->board->memory, s->length, found);
  if (memcmp(found, s->sha, 32) == 0) return true;
  ht_session_erase(s);
  return false;
}

int ht_session_load(ht_session *s, const uint8_t sha[32]) {
  if (s->length == 0 || s->have < s->length || memcmp(s->sha, sha, 32) != 0) return HT_RC_NO_ENTRY;
  unload(s);
  if (!ht_session_matches(s)) return HT_RC_CORRUPT;
  const ht_board *board = s->board;
  const uint32_t plan_room = (s->length + 15u) & ~15u;
  const uint32_t room = board->memory_bytes > plan_room ? board->memory_bytes - plan_room : 0;
  const ht_status status = ht_model_load(&s->model, board->memory, s->length, board->memory + plan_room, room);
  if (status == HT_CORRUPT) return HT_RC_CORRUPT;
  if (s->model.plan == NULL) return HT_RC_INVALID; /* a version this firmware does not know */
  const uint32_t arena = s->model.plan->arena_bytes;
  s->need = arena > UINT32_MAX - plan_room ? UINT32_MAX : plan_room + arena;
  if (status == HT_NO_MEMORY) return HT_RC_NO_MEMORY;
  /* The messages know of one input and one output. */
  if (status != HT_OK || s->model.plan->input_count != 1 || s->model.plan->output_count != 1) return HT_RC_INVALID;
  if (ht_model_input(&s->model, 0)->place != HT_ARENA) return HT_RC_INVALID;
  s->loaded = true;
  if (room - arena >= ht_session_input_bytes(s)) s->kept_input = board->memory + s->need;
  return HT_RC_OK;
}

uint32_t ht_session_input_bytes(const ht_session *s) { return s->loaded ? ht_model_input(&s->model, 0)->bytes : 0; }
uint32_t ht_session_output_bytes(const ht_session *s) { return s->loaded ? ht_model_output(&s->model, 0)->bytes : 0; }

const ht_tensor *ht_session_output_tensor(const ht_session *s) { return s->loaded ? ht_model_output(&s->model, 0) : NULL; }

const uint8_t *ht_session_output(const ht_session *s) {
  return s->loaded && s->answered ? ht_model_at(&s->model, ht_model_output(&s->model, 0)) : NULL;
}

static uint8_t *input_at(const ht_session *s) { return ht_model_at(&s->model, ht_model_input(&s->model, 0)); }

const uint8_t *ht_session_input_at(const ht_session *s) { return s->kept_input ? s->kept_input : input_at(s); }

int ht_session_input(ht_session *s, uint32_t at, const uint8_t *bytes, uint32_t count) {
  if (!s->loaded) return HT_RC_BAD_STATE;
  const uint32_t whole = ht_session_input_bytes(s);
  if (at > whole || count > whole - at || (at != 0 && at > s->input_have)) return HT_RC_INVALID;
  if (at == 0) s->input_have = 0;
  /* In the arena it may lie where the last output is. */
  s->answered = false;
  if (count > 0) memcpy((s->kept_input ? s->kept_input : input_at(s)) + at, bytes, count);
  /* A piece that comes twice must not make what follows it look missing. */
  if (at + count > s->input_have) s->input_have = at + count;
  return HT_RC_OK;
}

typedef struct {
  ht_session *session;
  uint32_t before;
} layer_timer;

static void after_layer(void *context, uint32_t index) {
  layer_timer *timer = context;
  const uint32_t now = ht_port_ticks();
  if (index < HT_MAX_LAYERS) timer->session->layer_ticks[index] = now - timer->before;
  /* Read again, so that this bookkeeping is in no layer's time. */
  timer->before = ht_port_ticks();
}

static uint32_t run_once(ht_session *s, bool by_layer) {
  const uint32_t whole = ht_session_input_bytes(s);
  const bool complete = s->input_have == whole;
  if (s->kept_input && complete) memcpy(input_at(s), s->kept_input, whole);
  layer_timer timer = {s, 0};
  ht_port_quiet(true);
  timer.before = ht_port_ticks();
  const uint32_t began = timer.before;
  ht_model_run(&s->model, by_layer ? after_layer : NULL, &timer);
  const uint32_t ticks = ht_port_ticks() - began;
  ht_port_quiet(false);
  s->answered = complete;
  /* Without a copy this run may have overwritten it. */
  if (!s->kept_input) s->input_have = 0;
  return ticks;
}

int ht_session_infer(ht_session *s, uint32_t warm, uint32_t count, bool by_layer, uint32_t ticks[]) {
  if (!s->loaded) return HT_RC_BAD_STATE;
  if (count > HT_MAX_RUNS || warm > HT_MAX_WARM || (by_layer && count == 0)) return HT_RC_INVALID;
  const uint32_t layers = s->model.plan->op_count;
  if (by_layer && layers > HT_MAX_LAYERS) return HT_RC_TOO_LARGE;
  for (uint32_t i = 0; i < warm; i++) run_once(s, false);
  for (uint32_t i = 0; i < count; i++) ticks[i] = run_once(s, by_layer);
  s->layers = by_layer ? layers : 0;
  return HT_RC_OK;
}
