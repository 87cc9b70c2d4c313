/*
 * The keeper: a process that outlives a killed supervisor, and takes away what the run left on the host: stand-ins
 * and its cgroup. It makes the stand-ins as well, so at no moment is one there without somebody who knows.
 *
 * It belongs to no terminal, has nothing open but its locks, the processes it waits for and one end of a socket, and
 * ends when all of the run is gone. It is no child of the supervisor, so ending a run's tree does not reach it.
 */
#include "core.h"
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

enum { MAX_WATCHED = 8, REMOVE_TRIES = 100 };

static int keeper = -1;
static char failed_at[PATH_MAX];

struct outcome { bool good; int error; char problem[PATH_MAX]; };

static void detach(int socket) {
  if (!close_from(3, socket)) _exit(EXIT_REFUSED);
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = 0; fd <= 2; fd++) {
    if (null < 0 || dup2(null, fd) < 0) _exit(EXIT_REFUSED);
  }
  if (chdir("/") != 0) _exit(EXIT_REFUSED);
  umask(022);
  for (int number = 1; number < NSIG; number++) signal(number, SIG_IGN);
  prctl(PR_SET_NAME, "gatehouse-keep");
  /* Two descriptors for each stand-in. */
  struct rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files);
  }
}

static void remove_cgroup(const char *cgroup) {
  char path[PATH_MAX];
  if (cgroup[0] == '\0' || snprintf(path, sizeof path, "%s/cgroup.kill", cgroup) >= (int)sizeof path) return;
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd >= 0 && write(fd, "1", 1) == 1) errno = 0;
  if (fd >= 0) close(fd);
  /* Busy until the kernel has let go of the last process. */
  for (int i = 0; i < REMOVE_TRIES && rmdir(cgroup) != 0 && errno == EBUSY; i++)
    nanosleep(&(struct timespec){0, 10 * 1000 * 1000}, NULL);
}

static _Noreturn void keep(int socket, const struct strings *folders, const struct strings *files,
                           const char *cgroup) {
  static struct outcome outcome;
  struct pollfd watched[MAX_WATCHED];
  size_t count = 0;
  detach(socket);
  const char *problem = "";
  outcome.good = stand_ins_hold(folders, files, &outcome.error, &problem);
  snprintf(outcome.problem, sizeof outcome.problem, "%s", problem);
  bool told = send(socket, &outcome, sizeof outcome, MSG_NOSIGNAL) == (ssize_t)sizeof outcome;

  struct inside_word word;
  int descriptor;
  pid_t sender;
  bool blind = false, over = false;
  while (told && outcome.good && handoff_receive(socket, &word, &descriptor, &sender) == 1) {
    if (descriptor >= 0 && count < MAX_WATCHED) watched[count++] = (struct pollfd){descriptor, POLLIN, 0};
    else if (word.kind == WORD_PROBLEM) blind = true;
    else over = true;
  }
  for (size_t i = 0; i < count; i++) {
    while (poll(&watched[i], 1, -1) < 0 && errno == EINTR) continue;
  }
  /* Something of the run may be alive still, and would lose what keeps a protected path closed. */
  if (blind && !over) _exit(EXIT_REFUSED);
  stand_ins_release();
  remove_cgroup(cgroup);
  _exit(0);
}

bool keeper_begin(const struct strings *folders, const struct strings *files, const char *cgroup, int *error,
                  const char **problem) {
  static struct outcome outcome;
  int pair[2], status;
  if (folders->count == 0 && files->count == 0 && cgroup[0] == '\0') return true;
  *problem = "keeper";
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) return *error = errno, false;
  pid_t between = fork();
  if (between < 0) return *error = errno, false;
  if (between == 0) {
    setsid();
    pid_t child = fork();
    if (child == 0) keep(pair[1], folders, files, cgroup);
    _exit(child < 0 ? EXIT_REFUSED : 0);
  }
  close(pair[1]);
  keeper = pair[0];
  while (waitpid(between, &status, 0) < 0 && errno == EINTR) continue;
  ssize_t got;
  do got = recv(keeper, &outcome, sizeof outcome, 0);
  while (got < 0 && errno == EINTR);
  if (got != (ssize_t)sizeof outcome) return *error = got < 0 ? errno : ECHILD, false;
  *error = outcome.error;
  memcpy(failed_at, outcome.problem, sizeof failed_at);
  *problem = failed_at;
  return outcome.good;
}

void keeper_watch(const pid_t *pids, size_t count) {
  for (size_t i = 0; keeper >= 0 && i < count; i++) {
    int descriptor = (int)syscall(SYS_pidfd_open, pids[i], 0U);
    if (descriptor < 0 && errno == ESRCH) continue;
    /* Before Linux 5.3 a process cannot be waited for that is no child. */
    const struct inside_word word = {.kind = descriptor < 0 ? WORD_PROBLEM : WORD_READY};
    handoff_send(keeper, &word, descriptor);
    if (descriptor >= 0) close(descriptor);
  }
}

void keeper_end(void) {
  const struct inside_word over = {.kind = WORD_READY};
  char none;
  if (keeper < 0) return;
  handoff_send(keeper, &over, -1);
  shutdown(keeper, SHUT_WR);
  /* Its end closes when it is done. */
  while (recv(keeper, &none, 1, 0) < 0 && errno == EINTR) continue;
  close(keeper);
  keeper = -1;
}
