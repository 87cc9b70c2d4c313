/*
 * The last step before the command, and our first inside its boundary: narrows itself, hands the listener of held
 * calls to the supervisor, waits for its word, and becomes the command. It runs as one thread, and nothing of the
 * command's has run yet, so what it reports is the truth.
 *
 * Descriptor 3 leads to the supervisor. It closes by itself in the very call that starts the command: a command can
 * forge no word, and the supervisor learns from the end of the line that the command runs.
 */
#include "relay.h"
#include <sys/stat.h>

/* Tells the supervisor what did not work, and ends. */
static _Noreturn void refuse(const char *what, int code) {
  struct inside_word word = {.kind = WORD_PROBLEM, .error = errno};
  snprintf(word.what, sizeof word.what, "%s", what);
  handoff_send(INSIDE_FD, &word, -1);
  _exit(code);
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

/* Hands over the sockets on which the proxy is found. Nothing listens in the network of the host. */
static void hand_listeners(const struct inside_options *options) {
  struct stat own;
  if (stat("/proc/self/ns/net", &own) != 0) refuse("network", EXIT_REFUSED);
  errno = EPERM;
  if (own.st_dev == options->outer_device && own.st_ino == options->outer_network) refuse("network", EXIT_REFUSED);
  for (int kind = 0; kind < RELAY_KINDS; kind++) {
    struct inside_word word = {.kind = WORD_LISTENS};
    snprintf(word.what, sizeof word.what, "%s", relay_kinds[kind]);
    int listener = listen_inside((enum relay_kind)kind);
    if (listener < 0) refuse("network", EXIT_REFUSED);
    if (!handoff_send(INSIDE_FD, &word, listener)) _exit(EXIT_REFUSED);
    close(listener);
  }
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
  const char *failed = narrow(&options);
  if (failed != NULL) refuse(failed, EXIT_REFUSED);
  if (options.relays) hand_listeners(&options);
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
