/*
 * The keeper: a process that outlives a killed supervisor, and takes away what the run left on the host: stand-ins
 * and its cgroup. It is there before the first of them is made, knows where they are to be, and is given their locks.
 * Of an orderly end it only hears: then the supervisor has taken everything away itself.
 *
 * It belongs to no terminal, has nothing open but locks, the processes it waits for and one end of a socket. It is no
 * child of the supervisor, so ending a run's tree does not reach it.
 */
#include "keeper.h"
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum { MAX_WATCHED = 8 };

static void detach(int socket) {
  if (!close_from(3, socket)) _exit(EXIT_REFUSED);
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = 0; fd <= 2; fd++) {
    if (null < 0 || dup2(null, fd) < 0) _exit(EXIT_REFUSED);
  }
  if (chdir("/") != 0) _exit(EXIT_REFUSED);
  for (int number = 1; number < NSIG; number++) signal(number, SIG_IGN);
  prctl(PR_SET_NAME, "gatehouse-keep");
}

/* One packet and its descriptors, KEEPER_BATCH of them at most. false at the end. */
static bool receive(int socket, enum keeper_word *word, int *fds, size_t *count) {
  struct iovec bytes = {word, sizeof *word};
  union { struct cmsghdr header; char room[CMSG_SPACE(KEEPER_BATCH * sizeof(int))]; } extra;
  struct msghdr packet = {
      .msg_iov = &bytes, .msg_iovlen = 1, .msg_control = &extra, .msg_controllen = sizeof extra};
  ssize_t got;
  *count = 0;
  do got = recvmsg(socket, &packet, MSG_CMSG_CLOEXEC);
  while (got < 0 && errno == EINTR);
  struct cmsghdr *header = got <= 0 ? NULL : CMSG_FIRSTHDR(&packet);
  if (header != NULL && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
    *count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    memcpy(fds, CMSG_DATA(header), *count * sizeof(int));
  }
  return got == (ssize_t)sizeof *word;
}

void keep(int socket, const struct kept *kept) {
  struct pollfd watched[MAX_WATCHED];
  size_t watching = 0, locked = 0, count;
  const size_t places = kept->folders->count + kept->files->count;
  int *locks = calloc(places + 1, sizeof *locks), fds[KEEPER_BATCH];
  enum keeper_word word;
  bool blind = false;
  if (locks == NULL) _exit(EXIT_REFUSED);
  detach(socket);

  while (receive(socket, &word, fds, &count)) {
    if (word == KEEPER_OVER) _exit(0);
    blind |= word == KEEPER_BLIND;
    for (size_t i = 0; i < count; i++) {
      if (word == KEEPER_WATCH && watching < MAX_WATCHED) watched[watching++] = (struct pollfd){fds[i], POLLIN, 0};
      else if (word == KEEPER_LOCKS && locked < places) locks[locked++] = fds[i];
    }
  }
  for (size_t i = 0; i < watching; i++) {
    while (poll(&watched[i], 1, -1) < 0 && errno == EINTR) continue;
  }
  /* Something of the run may be alive still, and would lose what keeps a protected path closed. */
  if (blind) _exit(EXIT_REFUSED);
  for (size_t i = 0; i < locked; i++) close(locks[i]);
  stand_ins_sweep(kept->folders, kept->files, kept->supervisor);
  limits_remove(kept->cgroup);
  _exit(0);
}
