/*
 * A client inside a run, for relay.test.ts. `relay-client WHAT PORT [...]`; ends with 0 when it went as said.
 *
 *   say PORT TEXT        sends TEXT, ends its side, prints what comes until the end
 *   flood PORT BYTES     sends as much as is taken without waiting, up to BYTES; prints how much, and stays
 *   idle PORT COUNT      opens COUNT connections without waiting, prints `open`, and stays
 *   reset PORT           sends one line, prints what is answered, and resets
 *   six PORT TEXT        as say, with a socket made for IPv6
 *   thread PORT TEXT     as say, from a thread with descriptors of its own
 *   fds                  prints every descriptor but 0 to 2
 *   serve 0 NAME         outside: stands in for the proxy, prints `open` and the first bytes it gets, and stays
 *   bind PORT            takes the port on every address, with every option that may help
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int port;
static const char *text;

static int dial(bool waits, bool six) {
  struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  struct sockaddr_in6 mapped = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
  inet_pton(AF_INET, "127.0.0.1", &four.sin_addr);
  inet_pton(AF_INET6, "::ffff:127.0.0.1", &mapped.sin6_addr);
  int fd = socket(six ? AF_INET6 : AF_INET, SOCK_STREAM | (waits ? 0 : SOCK_NONBLOCK), 0);
  int result = six ? connect(fd, (struct sockaddr *)&mapped, sizeof mapped) : connect(fd, (struct sockaddr *)&four, sizeof four);
  if (result == 0 || (!waits && errno == EINPROGRESS)) return fd;
  printf("connect: %s\n", strerror(errno));
  exit(1);
}

static int listen_to(int fd) {
  char bytes[4096];
  for (;;) {
    ssize_t got = read(fd, bytes, sizeof bytes);
    if (got == 0) return 0;
    if (got < 0) return printf("read: %s\n", strerror(errno)), 1;
    fwrite(bytes, 1, (size_t)got, stdout);
    fflush(stdout);
  }
}

static int say(bool six) {
  int fd = dial(true, six);
  if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0) return printf("send: %s\n", strerror(errno)), 1;
  shutdown(fd, SHUT_WR);
  return listen_to(fd);
}

static void *say_apart(void *nothing) {
  if (unshare(CLONE_FILES) != 0) exit(3);
  exit(say(false));
  return nothing;
}

static int flood(long long wanted) {
  static char bytes[65536];
  int fd = dial(true, false);
  long long sent = 0;
  struct timeval quiet = {.tv_usec = 300000};
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &quiet, sizeof quiet);
  while (sent < wanted) {
    ssize_t count = send(fd, bytes, sizeof bytes, MSG_NOSIGNAL);
    if (count <= 0) break;
    sent += count;
  }
  printf("sent %lld\n", sent);
  fflush(stdout);
  pause();
  return 0;
}

static int take_port(void) {
  static const char *const addresses[] = {"127.0.0.1", "0.0.0.0", "::", "::ffff:127.0.0.1"};
  int taken = 0;
  for (size_t i = 0; i < 4; i++) {
    bool six = strchr(addresses[i], ':') != NULL;
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
    inet_pton(AF_INET, addresses[i], &four.sin_addr);
    inet_pton(AF_INET6, addresses[i], &address.sin6_addr);
    int fd = socket(six ? AF_INET6 : AF_INET, SOCK_STREAM, 0), on = 1, off = 0;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (six) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    int result = six ? bind(fd, (struct sockaddr *)&address, sizeof address) : bind(fd, (struct sockaddr *)&four, sizeof four);
    if (result == 0 && listen(fd, 1) == 0) taken++, printf("took %s\n", addresses[i]);
  }
  return taken > 0 ? 0 : 1;
}

static int serve(void) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t length = strlen(text);
  char bytes[512];
  memcpy(address.sun_path + 1, text, length);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(fd, (struct sockaddr *)&address, (socklen_t)(sizeof(sa_family_t) + 1 + length)) != 0 || listen(fd, 8) != 0) return 1;
  puts("open");
  fflush(stdout);
  ssize_t got = read(accept(fd, NULL, NULL), bytes, sizeof bytes);
  if (got > 0) fwrite(bytes, 1, (size_t)got, stdout), fflush(stdout);
  pause();
  return 0;
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  port = argc > 2 ? atoi(argv[2]) : 0;
  text = argc > 3 ? argv[3] : "";
  if (strcmp(argv[1], "say") == 0) return say(false);
  if (strcmp(argv[1], "six") == 0) return say(true);
  if (strcmp(argv[1], "flood") == 0) return flood(atoll(text));
  if (strcmp(argv[1], "bind") == 0) return take_port();
  if (strcmp(argv[1], "serve") == 0) return serve();
  if (strcmp(argv[1], "thread") == 0) {
    pthread_t thread;
    pthread_create(&thread, NULL, say_apart, NULL);
    pthread_join(thread, NULL);
  }
  if (strcmp(argv[1], "idle") == 0) {
    for (int i = atoi(text); i > 0; i--) dial(false, false);
    puts("open");
    fflush(stdout);
    pause();
  }
  if (strcmp(argv[1], "reset") == 0) {
    int fd = dial(true, false);
    char answer[64];
    struct linger now = {1, 0};
    if (send(fd, "x\n", 2, 0) != 2) return 1;
    ssize_t got = read(fd, answer, sizeof answer);
    if (got > 0) fwrite(answer, 1, (size_t)got, stdout), fflush(stdout);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(fd);
    pause();
  }
  if (strcmp(argv[1], "fds") == 0) {
    DIR *dir = opendir("/proc/self/fd");
    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
      int fd = atoi(entry->d_name);
      if (fd > 2 && fd != dirfd(dir)) puts(entry->d_name);
    }
    return 0;
  }
  return 2;
}
