/* No boundary of ours was wanted: reports like a supervisor, then becomes the command itself. */
#include "start.h"

static _Noreturn void refuse(const char *what) {
  int error = errno;
  control_problem(what, error, strerror(error));
  _exit(EXIT_REFUSED);
}

/* All that needs no namespace. What cannot be had ends the start: less than was said would go unnoticed. */
static void narrow_contained(const struct message *message) {
  struct start start;
  int listener;
  memset(&start, 0, sizeof start);
  errno = EPROTO;
  if (!start_read(message, &start)) refuse("start");
  /* In a terminal of its own the session is its own already. */
  if (getsid(0) != getpid() && setsid() < 0) refuse("session");
  const char *failed = narrow(&start.inside);
  if (failed != NULL) refuse(failed);
  start.inside.filter.hold = HOLD_NONE;
  int result = filter_install(&start.inside.filter, &listener);
  errno = -result;
  if (result != 0) refuse("seccomp");
}

void unbounded(const char *control, const char *cwd, char **command, bool contained) {
  struct message start;
  fill_standard();
  control_take_token();
  if (control_open(control) < 0) _exit(EXIT_REFUSED);
  if (!close_from(3, control_descriptor())) _exit(EXIT_REFUSED);
  control_hello();
  if (!control_start(&start)) _exit(EXIT_REFUSED);
  if (chdir(cwd) != 0) {
    control_problem("cwd", errno, strerror(errno));
    _exit(EXIT_MISSING);
  }
  /* A program that closes its three descriptors, as touch does, would make the host hang up its terminal
     and be killed by that. Inside a boundary the supervisor keeps the terminal open; here this descriptor does. */
  if (isatty(STDIN_FILENO)) (void)fcntl(STDIN_FILENO, F_DUPFD, 3);
  take_environment();
  reset_signals();
  /* The network is the host's own, or the container's, and a proxy would be one way out of many. */
  errno = EPROTO;
  if (message_text(&start, "proxy")[0] != '\0') refuse("network");
  if (contained) narrow_contained(&start);

  struct line up;
  line_begin(&up, "up");
  line_number(&up, "inner", getpid());
  line_flag(&up, "holds", false);
  line_flag(&up, "grows", false);
  line_text(&up, "why", "");
  line_text(&up, "limits", "");
  line_number(&up, "httpPort", 0);
  line_number(&up, "socksPort", 0);
  control_send(&up);
  execvp(command[0], command);
  int error = errno;
  control_problem("exec", error, strerror(error));
  _exit(exec_exit_code(error));
}
