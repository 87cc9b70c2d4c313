/* No boundary was wanted: reports like a supervisor, then becomes the command itself. */
#include "core.h"

void unbounded(const char *control, const char *cwd, char **command) {
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

  struct line up;
  line_begin(&up, "up");
  line_number(&up, "inner", getpid());
  line_flag(&up, "holds", false);
  line_flag(&up, "grows", false);
  line_text(&up, "why", "");
  line_text(&up, "limits", "");
  control_send(&up);
  execvp(command[0], command);
  int error = errno;
  control_problem("exec", error, strerror(error));
  _exit(exec_exit_code(error));
}
