/*
 * launcher: starts one command inside its boundary, and stays beside it until it ends. See ../README.md.
 *
 *   launcher --outside CONTROL -- BWRAP [ARG...]           on the host: supervises one run (supervise.c)
 *   launcher --inside CWD -- PROGRAM [ARG...]              in the namespaces: narrows itself, becomes the command (inside.c)
 *   launcher --unbounded CONTROL CWD -- PROGRAM [ARG...]   no boundary was wanted: only reports (unbounded.c)
 *   launcher --contained CONTROL CWD -- PROGRAM [ARG...]   the container around us is the boundary: narrows itself too
 *   launcher --probe KIND TARGET [KIND TARGET...]          see probe.c
 *   launcher --overlay, --upper, --apply                   rehearsals: overlay.c, upper.c, apply.c
 *   launcher --dump-filter MODE                            prints a filter of system calls (filter-dump.c)
 *
 * CONTROL is fd:N or unix:PATH, as ../PROTOCOL.md says. The command's variables come as GHENV_NAME=value. So bwrap,
 * which runs before the boundary stands, never sees an LD_PRELOAD that was meant for the command, and nothing is
 * inherited by accident.
 *
 * Ends with 125 for a use it does not know, 126 when it could not narrow itself or the command cannot be executed,
 * 127 when the command or its folder is not there; else as the command did.
 */
#include "core.h"
#include "probe.h"
#include "rehearsal.h"

void usage(void) {
  static const char text[] = "launcher: this is started by Gatehouse; see native-sandbox/README.md\n";
  ssize_t written = write(STDERR_FILENO, text, sizeof text - 1);
  (void)written;
  _exit(EXIT_USAGE);
}

/* true when argv has `--` at `at`, and a command behind it. */
static bool command_at(int argc, char **argv, int at) {
  return argc > at + 1 && strcmp(argv[at], "--") == 0 && argv[at + 1][0] != '\0';
}

int main(int argc, char **argv) {
  const char *mode = argc > 1 ? argv[1] : "";

  if (strcmp(mode, "--outside") == 0 && command_at(argc, argv, 3)) return supervise(argv[2], argv + 4);
  if (strcmp(mode, "--inside") == 0 && command_at(argc, argv, 3)) inside(argv[2], argv + 4);
  if (strcmp(mode, "--unbounded") == 0 && command_at(argc, argv, 4)) unbounded(argv[2], argv[3], argv + 5, false);
  if (strcmp(mode, "--contained") == 0 && command_at(argc, argv, 4)) unbounded(argv[2], argv[3], argv + 5, true);
  if (strcmp(mode, "--probe") == 0) {
    int result = probe_main(argc - 2, argv + 2);
    if (result != EXIT_USAGE) return result;
  }
  int rehearsed = strcmp(mode, "--overlay") == 0 ? overlay_main(argc, argv)
                : strcmp(mode, "--upper") == 0   ? upper_main(argc, argv)
                : strcmp(mode, "--apply") == 0   ? apply_main(argc)
                                                 : EXIT_USAGE;
  if (rehearsed != EXIT_USAGE) return rehearsed;
  if (strcmp(mode, "--dump-filter") == 0 && argc == 3) {
    int result = dump_filter(argv[2]);
    if (result != EXIT_USAGE) return result;
  }
  usage();
}
