/* The control channel: opening it, reading lines from it, writing lines to it. See ../PROTOCOL.md. */
#include "core.h"
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

static int channel = -1;
static pthread_mutex_t sending = PTHREAD_MUTEX_INITIALIZER;
static char token[256];
static struct { char *bytes; size_t length, room, searched; bool started; } input;

/* A host that takes nothing for this long is as good as gone. */
enum { SEND_SECONDS = 30 };

void control_take_token(void) {
  char *value = getenv("GHCTL_TOKEN");
  if (value == NULL) return;
  snprintf(token, sizeof token, "%s", value);
  memset(value, 0, strlen(value));
  unsetenv("GHCTL_TOKEN");
}

static int open_socket(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) return errno = ENAMETOOLONG, -1;
  strcpy(address.sun_path, path);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  struct ucred peer = {0, (uid_t)-1, (gid_t)-1};
  socklen_t size = sizeof peer;
  int error = 0;
  if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) error = errno;
  else if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) error = errno;
  else if (peer.uid != geteuid()) error = EPERM;
  if (error == 0) return fd;
  close(fd);
  return errno = error, -1;
}

/* Moved up, so that the number it came with is free for others. */
static int take_descriptor(const char *digits) {
  char *end = NULL;
  long fd = strtol(digits, &end, 10);
  int type = 0;
  socklen_t size = sizeof type;
  if (end == digits || *end != '\0' || fd < 3 || fd > INT_MAX) return errno = EINVAL, -1;
  if (getsockopt((int)fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0) return -1;
  if (type != SOCK_STREAM) return errno = EINVAL, -1;
  int moved = fcntl((int)fd, F_DUPFD_CLOEXEC, 10);
  if (moved >= 0) close((int)fd);
  return moved;
}

int control_open(const char *where) {
  if (strncmp(where, "fd:", 3) == 0) channel = take_descriptor(where + 3);
  else if (strncmp(where, "unix:/", 6) == 0) channel = open_socket(where + 5);
  else errno = EINVAL;
  if (channel < 0) return -1;
  const struct timeval patience = {.tv_sec = SEND_SECONDS};
  int flags = fcntl(channel, F_GETFL);
  if (flags >= 0 && fcntl(channel, F_SETFL, flags & ~O_NONBLOCK) == 0 &&
      setsockopt(channel, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == 0)
    return channel;
  return -1;
}

int control_descriptor(void) { return channel; }

void control_send(struct line *line) {
  line_end(line);
  pthread_mutex_lock(&sending);
  /* A line the host would not read, or half a line, must not be followed by others. */
  size_t sent = 0;
  while (sent < line->length && line->length <= LINE_MAX_BYTES) {
    ssize_t count = send(channel, line->bytes + sent, line->length - sent, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    sent += (size_t)count;
  }
  if (sent < line->length) shutdown(channel, SHUT_RDWR);
  pthread_mutex_unlock(&sending);
  free(line->bytes);
  *line = (struct line){NULL, 0, 0};
}

void control_hello(void) {
  struct line line;
  line_begin(&line, "hello");
  line_number(&line, "protocol", 1);
  line_number(&line, "pid", getpid());
  line_text(&line, "token", token);
  memset(token, 0, sizeof token);
  control_send(&line);
}

void control_problem(const char *what, int error, const char *words) {
  struct line line;
  line_begin(&line, "problem");
  line_text(&line, "what", what);
  line_number(&line, "errno", error);
  line_text(&line, "words", words);
  control_send(&line);
}

static size_t longest(void) { return input.started ? LINE_MAX_BYTES : START_MAX_BYTES; }

bool control_fill(void) {
  for (;;) {
    if (input.room - input.length < 4096) {
      if (input.length > longest()) return true; /* control_next refuses it */
      input.room = input.room == 0 ? 16384 : 2 * input.room;
      input.bytes = realloc(input.bytes, input.room);
      if (input.bytes == NULL) _exit(EXIT_REFUSED);
    }
    ssize_t count = recv(channel, input.bytes + input.length, input.room - input.length, MSG_DONTWAIT);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
    if (count == 0) return false;
    input.length += (size_t)count;
  }
}

enum control_got control_next(struct message *out) {
  char *end = input.length == input.searched
                  ? NULL
                  : memchr(input.bytes + input.searched, '\n', input.length - input.searched);
  size_t length = end == NULL ? input.length : (size_t)(end - input.bytes);
  if (length > longest()) return CONTROL_UNREADABLE;
  if (end == NULL) {
    input.searched = input.length;
    return CONTROL_NONE;
  }
  bool good = message_parse(input.bytes, length, out);
  input.started = true;
  input.searched = 0;
  input.length -= length + 1;
  memmove(input.bytes, end + 1, input.length);
  return good ? CONTROL_MESSAGE : CONTROL_UNREADABLE;
}

bool control_start(struct message *out) {
  for (;;) {
    enum control_got got = control_next(out);
    if (got == CONTROL_UNREADABLE) return false;
    if (got == CONTROL_MESSAGE)
      return strcmp(message_text(out, "type"), "start") == 0 && message_number(out, "protocol", 0) == 1;
    struct pollfd wait = {.fd = channel, .events = POLLIN};
    if (poll(&wait, 1, -1) < 0 && errno != EINTR) return false;
    if (!control_fill()) return false;
  }
}
