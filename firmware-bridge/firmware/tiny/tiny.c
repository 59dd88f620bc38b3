#include "tiny.h"
#include <stddef.h>
#include "text.h"

/* The next word of a command: its characters, cut off by a space or the end; undefined when there is none. */
static char *next_word(char **rest) {
  char *p = *rest;
  while (*p == ' ') p++;
  if (*p == 0) return NULL;
  char *word = p;
  while (*p != 0 && *p != ' ') p++;
  if (*p == ' ') *p++ = 0;
  *rest = p;
  return word;
}

static bool same(const char *a, const char *b) {
  while (*a != 0 && *a == *b) a++, b++;
  return *a == *b;
}

/* Decimal; false unless it is one below 10^9. */
static bool number(const char *word, uint32_t *value) {
  *value = 0;
  uint32_t digits = 0;
  for (; *word != 0; word++, digits++) {
    if (*word < '0' || *word > '9' || digits == 9) return false;
    *value = *value * 10 + (uint32_t)(*word - '0');
  }
  return digits > 0;
}

static void line(const char *text) {
  ht_text_put(text);
  ht_text_end();
}

static void line_with(const char *before, const char *word, const char *behind) {
  ht_text_put(before);
  ht_text_put(word);
  line(behind);
}

static void timestamp(void) {
  ht_text_put("m-lap-us-");
  ht_text_unsigned(ht_port_micros());
  ht_text_end();
}

static int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static void db_load(ht_tiny *t, char *rest) {
  const char *word = next_word(&rest);
  uint32_t bytes;
  if (word == NULL) {
    line("e-[Command 'db load' requires the # of bytes]");
  } else if (!number(word, &bytes) || bytes == 0 || bytes > ht_session_input_bytes(t->session)) {
    ht_text_put("e-[The model takes ");
    ht_text_unsigned(ht_session_input_bytes(t->session));
    line(" bytes]");
  } else {
    t->expected = bytes;
    t->loaded = 0;
    ht_session_input(t->session, 0, NULL, 0);
    line_with("m-[Expecting ", word, " bytes]");
  }
}

static void db_hex(ht_tiny *t, const char *digits) {
  if (t->expected == 0) {
    line("e-[No bytes are expected: db load N comes first]");
    return;
  }
  uint32_t count = 0;
  while (digits[count] != 0) count++;
  if ((count & 1) != 0) {
    /* The reference spells it so, and runners compare. */
    line("e-[Insufficent number of hex digits]");
    return;
  }
  for (uint32_t i = 0; i < count && t->loaded < t->expected; i += 2) {
    const int high = hex(digits[i]), low = hex(digits[i + 1]);
    if (high < 0 || low < 0) {
      ht_text_put("e-[Invalid hex digit '");
      ht_text_character(digits[i]);
      ht_text_character(digits[i + 1]);
      line("']");
      return;
    }
    const uint8_t byte = (uint8_t)(high << 4 | low);
    if (ht_session_input(t->session, t->loaded, &byte, 1) != HT_RC_OK) {
      t->expected = 0;
      line("e-[The model was changed meanwhile]");
      return;
    }
    t->loaded++;
  }
  /* Once: what comes behind the last byte is an error, not an overflow. */
  if (t->loaded == t->expected) {
    t->expected = 0;
    line("m-load-done");
  }
}

static void db_print(const ht_tiny *t) {
  const uint32_t count = t->session->loaded ? t->session->input_have : 0;
  const uint8_t *bytes = count > 0 ? ht_session_input_at(t->session) : NULL;
  for (uint32_t i = 0; i < count; i++) {
    if (i % 8 == 0) ht_text_put("m-buffer");
    ht_text_character('-');
    ht_text_hex(bytes[i]);
    if (i % 8 == 7) ht_text_end();
  }
  if (count % 8 != 0) ht_text_end();
}

static void db(ht_tiny *t, char *rest) {
  const char *word = next_word(&rest);
  if (word == NULL) line("e-[Command 'db' requires a subcommand]");
  else if (same(word, "load")) db_load(t, rest);
  else if (same(word, "print")) db_print(t);
  else db_hex(t, word);
}

static void results(const ht_session *s) {
  const ht_tensor *tensor = ht_session_output_tensor(s);
  const uint8_t *output = ht_session_output(s);
  ht_text_put("m-results-[");
  const uint32_t count = output == NULL ? 0 : tensor->type == HT_FLOAT32 ? tensor->bytes / 4 : tensor->bytes;
  for (uint32_t i = 0; i < count; i++) {
    if (i > 0) ht_text_character(',');
    if (tensor->type == HT_FLOAT32) ht_text_milli(((const float *)(const void *)output)[i]);
    else ht_text_milli((float)((int8_t)output[i] - tensor->zero_point) * tensor->scale);
  }
  line("]");
}

static void run(ht_session *s, uint32_t count) {
  uint32_t ticks[HT_MAX_RUNS];
  for (uint32_t part; count > 0; count -= part) {
    part = count < HT_MAX_RUNS ? count : HT_MAX_RUNS;
    ht_session_infer(s, 0, part, false, ticks);
  }
}

static void infer(ht_tiny *t, char *rest) {
  uint32_t count = 1, warm = 10;
  const char *n = next_word(&rest), *w = next_word(&rest);
  if (n != NULL && (!number(n, &count) || count == 0)) {
    line("e-[Inference iterations must be >0]");
    return;
  }
  if (w != NULL && !number(w, &warm)) {
    line("e-[Inference warmups must be >=0]");
    return;
  }
  if (!t->session->loaded) {
    line("e-[No model is loaded]");
    return;
  }
  ht_text_put("m-warmup-start-");
  ht_text_unsigned(warm);
  ht_text_end();
  run(t->session, warm);
  line("m-warmup-done");
  ht_text_put("m-infer-start-");
  ht_text_unsigned(count);
  ht_text_end();
  timestamp();
  run(t->session, count);
  timestamp();
  line("m-infer-done");
  results(t->session);
}

static void help(const ht_board *board) {
  line_with("Hilltop on ", board->board, ": name, profile, help, timestamp, db load N|HEX|print, infer [N] [W], results; each ends with %");
}

static void execute(ht_tiny *t) {
  char *rest = t->command;
  const char *word = next_word(&rest);
  const ht_board *board = t->session->board;
  /* A lone '%', sent to find the line's rhythm, crashes the reference; here it is nothing, well answered. */
  if (word == NULL) line("e-[Empty command]");
  else if (same(word, "name")) line_with("m-name-dut-[hilltop-", board->board, "]");
  else if (same(word, "profile")) {
    line("m-profile-[ULPMark for tinyML Firmware V0.0.1]");
    line("m-model-[hilltop]");
  } else if (same(word, "help")) help(board);
  else if (same(word, "timestamp")) timestamp();
  else if (same(word, "db")) db(t, rest);
  else if (same(word, "infer")) infer(t, rest);
  else if (same(word, "results")) results(t->session);
  else line_with("e-[Unknown command: ", word, "]");
  line("m-ready");
}

void ht_tiny_greet(void) {
  line("m-timestamp-mode-performance");
  timestamp();
  line("m-init-done");
  line("m-ready");
}

bool ht_tiny_take(ht_tiny *t, uint8_t byte) {
  if (byte == '%') {
    if (t->count <= HT_TINY_COMMAND) {
      t->command[t->count] = 0;
      execute(t);
    } else {
      line("e-[Command is longer than 80 characters]");
      line("m-ready");
    }
    t->count = 0;
    return true;
  }
  /* No command has one inside: a new line is a new beginning, which lets a host start over. */
  if (byte == '\n' || byte == '\r') {
    t->count = 0;
    return true;
  }
  if (byte < ' ' || byte > '~') {
    t->count = 0;
    return false;
  }
  if (t->count < HT_TINY_COMMAND) t->command[t->count] = (char)byte;
  if (t->count <= HT_TINY_COMMAND) t->count++;
  return true;
}

void ht_tiny_drop(ht_tiny *t) { t->count = 0; }
