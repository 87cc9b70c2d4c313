/*
 * What a run leaves on the host, on the side of the supervisor: makes it and takes it away again, and tells the keeper,
 * which stands by in case the supervisor is killed. Nobody waits for the keeper.
 */
#include "keeper.h"
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static int keeper = -1;

static bool say(enum keeper_word word, const int *fds, size_t count) {
  struct iovec bytes = {&word, sizeof word};
  union { struct cmsghdr header; char room[CMSG_SPACE(KEEPER_BATCH * sizeof(int))]; } extra;
  memset(&extra, 0, sizeof extra);
  struct msghdr packet = {.msg_iov = &bytes, .msg_iovlen = 1};
  if (count > 0) {
    packet.msg_control = &extra;
    packet.msg_controllen = CMSG_SPACE(count * sizeof(int));
    struct cmsghdr *header = CMSG_FIRSTHDR(&packet);
    *header = (struct cmsghdr){CMSG_LEN(count * sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
    memcpy(CMSG_DATA(header), fds, count * sizeof(int));
  }
  ssize_t sent;
  do sent = sendmsg(keeper, &packet, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent == (ssize_t)sizeof word;
}

/* Forked twice, so that it is nobody's child. *between: to be waited for. */
static bool fork_keeper(const struct kept *kept, pid_t *between) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) return false;
  *between = fork();
  if (*between == 0) {
    setsid();
    pid_t child = fork();
    if (child == 0) keep(pair[1], kept);
    _exit(child < 0 ? EXIT_REFUSED : 0);
  }
  close(pair[1]);
  keeper = pair[0];
  return *between > 0;
}

static bool give_locks(void) {
  int fds[KEEPER_BATCH];
  size_t given = 0, count;
  while ((count = stand_ins_locks(fds, given, KEEPER_BATCH)) > 0) {
    if (!say(KEEPER_LOCKS, fds, count)) return false;
    given += count;
  }
  return true;
}

bool keeping_begin(const struct strings *folders, const struct strings *files, int *error, const char **problem) {
  const struct kept kept = {folders, files, limits_folder(), getpid()};
  pid_t between;
  if (folders->count == 0 && files->count == 0 && kept.cgroup[0] == '\0') return true;
  *problem = "keeper";
  if (!fork_keeper(&kept, &between)) return *error = errno, false;
  bool made = stand_ins_hold(folders, files, error, problem);
  if (made && !give_locks()) {
    *error = errno;
    made = false;
  }
  int status = 0;
  while (waitpid(between, &status, 0) < 0 && errno == EINTR) continue;
  if (made && status != 0) return *error = EAGAIN, false;
  return made;
}

void keeping_watch(const pid_t *pids, size_t count) {
  for (size_t i = 0; keeper >= 0 && i < count; i++) {
    int descriptor = (int)syscall(SYS_pidfd_open, pids[i], 0U);
    if (descriptor >= 0) {
      say(KEEPER_WATCH, &descriptor, 1);
      close(descriptor);
    } else if (errno != ESRCH) {
      say(KEEPER_BLIND, NULL, 0); /* before Linux 5.3 a process cannot be waited for that is no child */
    }
  }
}

void keeping_end(void) {
  if (keeper < 0) return;
  stand_ins_release();
  limits_remove(limits_folder());
  say(KEEPER_OVER, NULL, 0);
  close(keeper);
  keeper = -1;
}
