/*
 * The last step before the command, and our first inside its boundary: narrows itself, hands the listener of held
 * calls to the supervisor, waits for its word, and becomes the command. It runs as one thread, and nothing of the
 * command's has run yet, so what it reports is the truth.
 *
 * Descriptor 3 leads to the supervisor. It closes by itself in the very call that starts the command: a command can
 * forge no word, and the supervisor learns from the end of the line that the command runs.
 */
#include "core.h"
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

/* Tells the supervisor what did not work, and ends. */
static _Noreturn void refuse(const char *what, int code) {
  struct inside_word word = {.kind = WORD_PROBLEM, .error = errno};
  snprintf(word.what, sizeof word.what, "%s", what);
  handoff_send(INSIDE_FD, &word, -1);
  _exit(code);
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

/* 0: no limit of ours. What is lower already stays. */
static void limit(int resource, long long wanted, const char *what) {
  struct rlimit now;
  if (wanted <= 0) return;
  if (getrlimit(resource, &now) != 0) refuse(what, EXIT_REFUSED);
  if (now.rlim_max == RLIM_INFINITY || now.rlim_max > (rlim_t)wanted) now.rlim_max = (rlim_t)wanted;
  if (now.rlim_cur == RLIM_INFINITY || now.rlim_cur > now.rlim_max) now.rlim_cur = now.rlim_max;
  if (setrlimit(resource, &now) != 0) refuse(what, EXIT_REFUSED);
}

static void narrow(const struct inside_options *options) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) refuse("no_new_privs", EXIT_REFUSED);
  drop_capabilities();
  /* A core file could land where the host's core_pattern says, outside the boundary. */
  const struct rlimit no_core = {0, 0};
  if (setrlimit(RLIMIT_CORE, &no_core) != 0) refuse("core", EXIT_REFUSED);
  limit(RLIMIT_NOFILE, options->open_files, "openFiles");
  limit(RLIMIT_FSIZE, options->file_bytes, "fileBytes");
}

/* Where calls cannot be held, the same filter without holding: the boundary is the same, only nobody is asked. */
static struct inside_word filter(const struct filter_options *wanted, int *listener) {
  struct filter_options options = *wanted;
  struct inside_word ready = {.kind = WORD_READY};
  int result = filter_install(&options, listener);
  if (result != 0 && options.hold != HOLD_NONE) {
    ready.error = -result;
    options.hold = HOLD_NONE;
    result = filter_install(&options, listener);
  }
  if (result == 0) return ready;
  errno = -result;
  refuse("seccomp", EXIT_REFUSED);
}

void inside(const char *cwd, char **command) {
  struct inside_options options;
  int listener = -1;
  char go = 0;
  /* Must be there: without it nobody could tell a start that went wrong from the command's own end. */
  if (fcntl(INSIDE_FD, F_SETFD, FD_CLOEXEC) != 0) _exit(EXIT_REFUSED);
  if (read(INSIDE_FD, &options, sizeof options) != (ssize_t)sizeof options) _exit(EXIT_REFUSED);
  if (!close_from(INSIDE_FD + 1, -1)) refuse("close", EXIT_REFUSED);
  if (chdir(cwd) != 0) refuse("cwd", EXIT_MISSING);
  narrow(&options);
  take_environment();
  reset_signals();

  struct inside_word ready = filter(&options.filter, &listener);
  if (!handoff_send(INSIDE_FD, &ready, listener)) _exit(EXIT_REFUSED);
  if (listener >= 0) close(listener);
  /* No supervisor, no command. */
  if (read(INSIDE_FD, &go, 1) != 1 || go != 'G') _exit(EXIT_REFUSED);
  execvp(command[0], command);
  refuse("exec", exec_exit_code(errno));
}
