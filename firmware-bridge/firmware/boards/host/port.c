/*
 * The firmware as a process: for tests, and to try a driver without a board. With no argument it speaks over standard input and
 * output; with `unix:PATH` or `tcp:PORT` it serves one caller after the other there (tcp on the loopback; port 0: any), and says
 * where on standard error. HT_MEMORY: bytes for plan and arena, 16 MB if not given.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include "../port.h"

static uint8_t memory[1u << 24] __attribute__((aligned(16)));
static ht_board board = {"host", "host", "clock", 1000000000u, memory, sizeof memory, 0};
static int listener = -1, input = -1, output = -1;
static uint64_t started, began;
/* What the program was called with; a reset starts it again the same way. */
static char arguments[4096];
static size_t argument_bytes;

static uint64_t nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static _Noreturn void fail(const char *what) {
  perror(what);
  exit(1);
}

static void read_arguments(void) {
  FILE *file = fopen("/proc/self/cmdline", "r");
  if (file == NULL) fail("/proc/self/cmdline");
  argument_bytes = fread(arguments, 1, sizeof arguments - 1, file);
  fclose(file);
}

static int listen_unix(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    fail(path);
  }
  strcpy(address.sun_path, path);
  unlink(path);
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 1) != 0) fail(path);
  fprintf(stderr, "listening on unix:%s\n", path);
  return fd;
}

static int listen_tcp(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof address;
  const int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) fail("socket");
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, (struct sockaddr *)&address, size) != 0 || listen(fd, 1) != 0) fail("bind");
  if (getsockname(fd, (struct sockaddr *)&address, &size) != 0) fail("getsockname");
  fprintf(stderr, "listening on tcp:%d\n", ntohs(address.sin_port));
  return fd;
}

static void next_caller(void) {
  if (input >= 0) close(input);
  do input = accept(listener, NULL, NULL);
  while (input < 0 && errno == EINTR);
  if (input < 0) fail("accept");
  const int on = 1;
  setsockopt(input, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  output = input;
}

const ht_board *ht_port_start(void) {
  signal(SIGPIPE, SIG_IGN);
  started = nanoseconds();
  read_arguments();
  const char *where = arguments + strlen(arguments) + 1;
  const char *inherited = getenv("HT_LISTENER");
  if (inherited != NULL) listener = atoi(inherited);
  else if (where >= arguments + argument_bytes) {
    input = STDIN_FILENO;
    output = STDOUT_FILENO;
  } else if (strncmp(where, "unix:", 5) == 0) listener = listen_unix(where + 5);
  else if (strncmp(where, "tcp:", 4) == 0) listener = listen_tcp(atoi(where + 4));
  else {
    fprintf(stderr, "usage: %s [unix:PATH | tcp:PORT]\n", arguments);
    exit(2);
  }
  const char *bytes = getenv("HT_MEMORY");
  const unsigned long asked = bytes != NULL ? strtoul(bytes, NULL, 10) & ~15ul : 0;
  if (asked > 0 && asked < sizeof memory) board.memory_bytes = (uint32_t)asked;
  if (listener >= 0) next_caller();
  return &board;
}

uint32_t ht_port_read(uint8_t *bytes, uint32_t room) {
  struct pollfd line = {.fd = input, .events = POLLIN};
  if (poll(&line, 1, 0) <= 0) return 0;
  const ssize_t count = read(input, bytes, room);
  if (count > 0) return (uint32_t)count;
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return 0;
  if (listener < 0) exit(0);
  next_caller();
  return 0;
}

void ht_port_write(const uint8_t *bytes, uint32_t count) {
  while (count > 0) {
    const ssize_t sent = write(output, bytes, count);
    if (sent < 0 && errno == EINTR) continue;
    /* A caller that has gone shows when reading. */
    if (sent <= 0) return;
    bytes += sent;
    count -= (uint32_t)sent;
  }
}

uint32_t ht_port_lost(void) { return 0; }

void ht_port_idle(void) {
  struct pollfd line = {.fd = input, .events = POLLIN};
  poll(&line, 1, -1);
}

void ht_port_quiet(bool on) {
  if (on) began = nanoseconds();
}

uint32_t ht_port_ticks(void) {
  const uint64_t elapsed = nanoseconds() - began;
  return elapsed > UINT32_MAX ? UINT32_MAX : (uint32_t)elapsed;
}

uint64_t ht_port_micros(void) { return (nanoseconds() - started) / 1000; }

uint32_t ht_port_stack(void) { return 0; }

_Noreturn void ht_port_reset(void) {
  char *list[64];
  size_t count = 0;
  for (size_t at = 0; at < argument_bytes && count < 63; at += strlen(arguments + at) + 1) list[count++] = arguments + at;
  list[count] = NULL;
  if (listener >= 0) {
    /* The line goes, the socket stays: a caller who comes at once waits there for the new start. */
    char number[16];
    snprintf(number, sizeof number, "%d", listener);
    setenv("HT_LISTENER", number, 1);
    close(input);
  }
  execv("/proc/self/exe", list);
  fail("execv");
}
