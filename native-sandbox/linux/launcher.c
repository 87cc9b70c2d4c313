/*
 * launcher: the last program before the command, and the first inside its boundary.
 *
 *   launcher --outside STATUS -- PROGRAM [ARG...]     on the host: opens STATUS, then becomes bwrap
 *   launcher --inside CWD -- PROGRAM [ARG...]         in the namespaces: narrows itself, becomes the command
 *   launcher --unbounded STATUS CWD -- PROGRAM [ARG...]   no boundary was wanted: only reports
 *   launcher --probe KIND TARGET [KIND TARGET...]     see probe.c
 *
 * What it reports goes to descriptor 3, an append-only file: "up" before the command, and "exec ERRNO WORDS"
 * when the command could not become this process. The descriptor closes by itself in the very call that
 * starts the command, and the file lies in a folder the boundary hides: a command can forge neither line.
 *
 * The command's variables come as GHENV_NAME=value. So bwrap, which runs before the boundary stands, never
 * sees an LD_PRELOAD that was meant for the command, and nothing is inherited by accident.
 *
 * Ends with 125 for a use it does not know, 126 when it could not narrow itself or the command cannot be
 * executed, 127 when the command or its folder is not there.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "probe.h"

extern char **environ;

enum { STATUS_FD = 3, EXIT_USAGE = 125, EXIT_REFUSED = 126, EXIT_MISSING = 127 };

static const char ENV_PREFIX[] = "GHENV_";

/* One line to the host. Losing it means "never started" to the host, so a short write needs no repair. */
static void report(const char *line) {
  ssize_t written = write(STATUS_FD, line, strlen(line));
  (void)written;
}

/* Reports what did not work, and ends. */
static void refuse(const char *what, int code) {
  char line[512];
  int error = errno;
  snprintf(line, sizeof line, "%s %d %s\n", what, error, strerror(error));
  report(line);
  _exit(code);
}

static void usage(void) {
  static const char text[] = "launcher: this is started by Gatehouse; see native-sandbox/README.md\n";
  ssize_t written = write(STDERR_FILENO, text, sizeof text - 1);
  (void)written;
  _exit(EXIT_USAGE);
}

/* Closes everything from `first` up. A descriptor left open would be a way around the mounts. */
static void close_from(unsigned first) {
  if (syscall(SYS_close_range, first, ~0U, 0U) == 0) return;
  DIR *dir = opendir("/proc/self/fd"); /* before Linux 5.9 */
  if (dir == NULL) refuse("close", EXIT_REFUSED);
  for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
    char *end = NULL;
    long fd = strtol(entry->d_name, &end, 10);
    if (*end == '\0' && fd >= (long)first && fd != dirfd(dir)) close((int)fd);
  }
  closedir(dir);
}

static void open_status(const char *path, int flags) {
  int fd = open(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_NOCTTY | flags);
  if (fd < 0) _exit(EXIT_REFUSED);
  if (fd == STATUS_FD) return;
  if (dup3(fd, STATUS_FD, flags & O_CLOEXEC) < 0) _exit(EXIT_REFUSED);
  close(fd);
}

/* A command starts with the signals of a fresh process, whatever the host ignored or blocked. */
static void reset_signals(void) {
  for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

/* bwrap dropped all capabilities already; this is the second lock, and it checks instead of hoping. */
static void drop_capabilities(void) {
  for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++) prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);

  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  struct __user_cap_data_struct caps[_LINUX_CAPABILITY_U32S_3];
  memset(caps, 0, sizeof caps);
  if (syscall(SYS_capset, &header, caps) != 0) refuse("capset", EXIT_REFUSED);
  if (syscall(SYS_capget, &header, caps) != 0) refuse("capget", EXIT_REFUSED);
  for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
    if ((caps[i].effective | caps[i].permitted | caps[i].inheritable) != 0) {
      errno = EPERM;
      refuse("capabilities", EXIT_REFUSED);
    }
  }
}

static void narrow(void) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) refuse("no_new_privs", EXIT_REFUSED);
  drop_capabilities();
  /* A core file could land where the host's core_pattern says, outside the boundary. */
  const struct rlimit no_core = {0, 0};
  if (setrlimit(RLIMIT_CORE, &no_core) != 0) refuse("core", EXIT_REFUSED);
}

/* Keeps GHENV_NAME=value as NAME=value and drops the rest. The strings stay where the kernel put them. */
static void take_environment(void) {
  char **out = environ;
  for (char **in = environ; *in != NULL; in++) {
    if (strncmp(*in, ENV_PREFIX, sizeof ENV_PREFIX - 1) == 0) *out++ = *in + sizeof ENV_PREFIX - 1;
  }
  *out = NULL;
}

static void become(const char *cwd, char **command) {
  if (chdir(cwd) != 0) refuse("cwd", EXIT_MISSING);
  take_environment();
  reset_signals();
  report("up\n");
  execvp(command[0], command);
  refuse("exec", errno == ENOENT ? EXIT_MISSING : EXIT_REFUSED);
}

/* true when argv has `--` at `at`, and a command behind it. */
static bool command_at(int argc, char **argv, int at) {
  return argc > at + 1 && strcmp(argv[at], "--") == 0 && argv[at + 1][0] != '\0';
}

int main(int argc, char **argv) {
  const char *mode = argc > 1 ? argv[1] : "";

  if (strcmp(mode, "--probe") == 0) {
    int result = probe_main(argc - 2, argv + 2);
    if (result != EXIT_USAGE) return result;
    usage();
  }

  if (strcmp(mode, "--outside") == 0 && command_at(argc, argv, 3)) {
    open_status(argv[2], 0);
    close_from(STATUS_FD + 1);
    execv(argv[4], argv + 4);
    refuse("bwrap", EXIT_MISSING);
  }
  if (strcmp(mode, "--inside") == 0 && command_at(argc, argv, 3)) {
    close_from(STATUS_FD + 1);
    /* Must be there: without it nobody could tell a start that went wrong from the command's own end. */
    if (fcntl(STATUS_FD, F_SETFD, FD_CLOEXEC) != 0) _exit(EXIT_REFUSED);
    narrow();
    become(argv[2], argv + 4);
  }
  if (strcmp(mode, "--unbounded") == 0 && command_at(argc, argv, 4)) {
    open_status(argv[2], O_CLOEXEC);
    close_from(STATUS_FD + 1);
    /* A program that closes its three descriptors, as touch does, would make the host hang up its terminal
       and be killed by that. Inside a boundary bwrap keeps the terminal open; here this descriptor does. */
    if (isatty(STDIN_FILENO)) (void)fcntl(STDIN_FILENO, F_DUPFD, STATUS_FD + 1);
    become(argv[3], argv + 5);
  }
  usage();
}
