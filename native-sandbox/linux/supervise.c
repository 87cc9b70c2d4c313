/*
 * The supervisor of one run, on the host: makes what the run needs, starts bwrap, lets the command go once the
 * boundary stands and calls can be held, and then passes messages until the end.
 *
 * It shares the terminal with the command: it takes no signal of the keyboard, never reads or writes there, and
 * cannot be stopped. The kernel ends bwrap with it, and bwrap's death ends everything inside.
 */
#include "start.h"
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static struct start start;
static struct {
  int signals, inside;
  pid_t bwrap, first;
  int first_fd;
  /* The boundary stands and the command was let go. */
  bool up;
  /* Calls are held, or folders can be opened. */
  bool holding;
  /* A problem was reported, so the code of the end is ours. */
  int problem_code;
} run = {.signals = -1, .inside = -1, .first_fd = -1};

/* Reports why the command does not run; the first reason counts. false, for the caller to pass on. */
static bool problem(const char *what, int error, const char *words, int code) {
  if (run.problem_code != 0) return false;
  control_problem(what, error, words);
  run.problem_code = code;
  return false;
}

/* What a keyboard sends goes to the command alone. */
static void ignore_keyboard(void) {
  static const int keyboard[] = {SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGPIPE};
  for (size_t i = 0; i < sizeof keyboard / sizeof *keyboard; i++) signal(keyboard[i], SIG_IGN);
}

/* From now on what ends us arrives by a descriptor, like the end of a child. */
static bool take_signals(void) {
  signal(SIGCHLD, SIG_DFL);
  sigset_t taken;
  sigemptyset(&taken);
  sigaddset(&taken, SIGCHLD);
  sigaddset(&taken, SIGTERM);
  sigaddset(&taken, SIGHUP);
  if (sigprocmask(SIG_SETMASK, &taken, NULL) != 0) return false;
  run.signals = signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
  return run.signals >= 0;
}

static void kill_run(void) {
  /* The way out closes first. */
  relay_end();
  if (run.holding) held_stop();
  /* By descriptor: bwrap may have waited for it already, and its number may be another process's by now. */
  if (run.first_fd >= 0) syscall(SYS_pidfd_send_signal, run.first_fd, SIGKILL, NULL, 0U);
  if (run.bwrap > 0) kill(run.bwrap, SIGKILL);
}

static _Noreturn void child_problem(const char *what, int code) {
  struct inside_word word = {.kind = WORD_PROBLEM, .error = errno};
  snprintf(word.what, sizeof word.what, "%s", what);
  handoff_send(INSIDE_FD, &word, -1);
  _exit(code);
}

static _Noreturn void become_bwrap(char **bwrap, pid_t supervisor, int far_end) {
  /* Asked before the look at the parent, so a supervisor that died meanwhile is noticed in any case. */
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != supervisor) _exit(EXIT_REFUSED);
  if (far_end == INSIDE_FD ? fcntl(far_end, F_SETFD, 0) != 0 : dup2(far_end, INSIDE_FD) < 0) _exit(EXIT_REFUSED);
  if (!close_from(INSIDE_FD + 1, -1)) _exit(EXIT_REFUSED);
  usual_files();
  if (!limits_join()) child_problem("cgroup", EXIT_REFUSED);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  signal(SIGPIPE, SIG_DFL);
  execv(bwrap[0], bwrap);
  child_problem("bwrap", EXIT_MISSING);
}

static bool start_bwrap(char **bwrap) {
  int pair[2], on = 1;
  pid_t supervisor = getpid();
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) return false;
  run.inside = pair[0];
  /* The kernel then says which process sends, numbered as on the host. */
  if (setsockopt(pair[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0) return false;
  if (send(pair[0], &start.inside, sizeof start.inside, MSG_NOSIGNAL) != (ssize_t)sizeof start.inside) return false;
  run.bwrap = fork();
  if (run.bwrap == 0) become_bwrap(bwrap, supervisor, pair[1]);
  close(pair[1]);
  if (run.bwrap > 0) keeping_watch(&run.bwrap, 1);
  return run.bwrap > 0;
}

static void send_up(pid_t inner, bool holds, const char *why, const char *limits) {
  struct line line;
  line_begin(&line, "up");
  line_number(&line, "inner", inner);
  line_flag(&line, "holds", holds);
  line_flag(&line, "grows", start.held.grows && run.holding && why[0] == '\0');
  line_text(&line, "why", why);
  line_text(&line, "limits", limits);
  line_number(&line, "httpPort", start.inside.relays ? listen_port(start.relay.listeners[RELAY_HTTP]) : 0);
  line_number(&line, "socksPort", start.inside.relays ? listen_port(start.relay.listeners[RELAY_SOCKS]) : 0);
  control_send(&line);
}

/* Keeps a socket that listens inside. false: it is none, or not the one that is expected. */
static bool take_listener(const struct inside_word *word, int listener) {
  for (int kind = 0; start.inside.relays && kind < RELAY_KINDS; kind++) {
    if (strcmp(word->what, relay_kinds[kind]) != 0 || start.relay.listeners[kind] >= 0 || listen_port(listener) == 0) continue;
    start.relay.listeners[kind] = listener;
    return true;
  }
  if (listener >= 0) close(listener);
  return problem("network", EPROTO, strerror(EPROTO), EXIT_REFUSED);
}

/* The one way out opens before the command runs. */
static bool begin_relay(pid_t inner) {
  if (!start.inside.relays) return true;
  start.relay.first = run.first;
  start.relay.inner = inner;
  bool all = start.relay.listeners[RELAY_HTTP] >= 0 && start.relay.listeners[RELAY_SOCKS] >= 0;
  int result = all ? relay_begin(&start.relay) : -EPROTO;
  return result == 0 || problem("network", -result, strerror(-result), EXIT_REFUSED);
}

/* The command waits for our word inside its finished boundary. */
static bool let_go(const struct inside_word *ready, int listener, pid_t inner, const char *limits) {
  const char *why = ready->error == 0 ? "" : strerror(ready->error);
  run.first = parent_of(inner);
  /* Without namespaces of its own, the first process is bwrap's own child. */
  if (run.first == run.bwrap) run.first = inner;
  if (run.first <= 1 || inner <= 1) return problem("bwrap", ESRCH, "the process inside was not found", EXIT_REFUSED);
  run.first_fd = (int)syscall(SYS_pidfd_open, run.first, 0U);
  keeping_watch((const pid_t[]){run.first, inner}, 2);
  if (!begin_relay(inner)) return false;

  bool holds = listener >= 0;
  if (holds || start.held.grows) {
    const char *held_why = NULL;
    start.held.listener = listener;
    start.held.inner = inner;
    if (!holds) start.held.level = HOLD_NONE;
    int result = held_begin(&start.held, &held_why);
    if (result < 0) return problem("hold", -result, strerror(-result), EXIT_REFUSED);
    run.holding = result == 0;
    holds = holds && run.holding;
    if (held_why != NULL && why[0] == '\0') why = held_why;
  }
  send_up(inner, holds, why, limits);
  run.up = send(run.inside, "G", 1, MSG_NOSIGNAL) == 1;
  return run.up;
}

static void inside_problem(const struct inside_word *word) {
  bool missing = strcmp(word->what, "cwd") == 0 || strcmp(word->what, "bwrap") == 0;
  problem(word->what, word->error, strerror(word->error), missing ? EXIT_MISSING : exec_exit_code(word->error));
}

/* false: the run must end. */
static bool hear_inside(const char *limits) {
  struct inside_word word;
  int listener;
  pid_t sender;
  int got = handoff_receive(run.inside, &word, &listener, &sender);
  bool first_word = !run.up;
  if (got == 1 && word.kind == WORD_LISTENS && first_word && take_listener(&word, listener)) return true;
  if (got == 1 && word.kind == WORD_PROBLEM) {
    inside_problem(&word);
  } else if (got == 1 && word.kind == WORD_READY && first_word && let_go(&word, listener, sender, limits)) {
    return true;
  }
  /* Closed: after our word it means that the command runs. Before it, that bwrap is about to end: nothing inside
     goes on without that word. */
  close(run.inside);
  run.inside = -1;
  return got == 0;
}

/* What was said right before the end. */
static void hear_last_words(void) {
  struct pollfd wait = {.fd = run.inside, .events = POLLIN};
  struct inside_word word;
  int listener;
  pid_t sender;
  while (run.inside >= 0 && poll(&wait, 1, 0) == 1 && handoff_receive(run.inside, &word, &listener, &sender) == 1) {
    if (listener >= 0) close(listener);
    if (word.kind == WORD_PROBLEM) inside_problem(&word);
  }
}

static void answer_without_holding(const struct message *message, const char *type) {
  struct line line;
  line_begin(&line, type);
  line_text(&line, "path", message_text(message, "path"));
  line_number(&line, "errno", ENOSYS);
  control_send(&line);
}

/* false: the run must end. */
static bool obey(const struct message *message) {
  long long flow;
  if (who_read(message, &flow)) return relay_ask(flow), true;
  const char *type = message_text(message, "type");
  static const char *const replies[][2] = {{"grant", "granted"}, {"revoke", "revoked"}, {"mask", "masked"}};
  bool answer = strcmp(type, "answer") == 0;
  const char *reply = NULL;
  for (size_t i = 0; i < 3; i++) {
    if (strcmp(type, replies[i][0]) == 0) reply = replies[i][1];
  }
  if (!answer && reply == NULL) return false; /* `stop`, and what we do not know */
  if (run.holding) held_message(message);
  else if (reply != NULL) answer_without_holding(message, reply);
  return true;
}

static bool hear_host(void) {
  struct message message;
  if (!control_fill()) return false;
  for (;;) {
    enum control_got got = control_next(&message);
    if (got == CONTROL_NONE) return true;
    if (got == CONTROL_UNREADABLE) return false;
    bool goes_on = obey(&message);
    message_free(&message);
    if (!goes_on) return false;
  }
}

/* Takes the waiting signals. true: one of them ends the run. */
static bool told_to_end(void) {
  struct signalfd_siginfo signal;
  bool end = false;
  while (read(run.signals, &signal, sizeof signal) == (ssize_t)sizeof signal) end |= signal.ssi_signo != SIGCHLD;
  return end;
}

/* Passes messages until bwrap has ended; its wait status. */
static int attend(const char *limits) {
  struct pollfd wait[5];
  bool ending = false;
  int status, events[2];
  limits_descriptors(events);
  for (;;) {
    pid_t ended = waitpid(run.bwrap, &status, WNOHANG);
    if (ended == run.bwrap || (ended < 0 && errno != EINTR)) break;
    wait[0] = (struct pollfd){run.signals, POLLIN, 0};
    wait[1] = (struct pollfd){ending ? -1 : control_descriptor(), POLLIN, 0};
    wait[2] = (struct pollfd){run.inside, POLLIN, 0};
    for (int i = 0; i < 2; i++) wait[3 + i] = (struct pollfd){events[i], POLLPRI, 0};
    if (poll(wait, 5, -1) < 0 && errno != EINTR) break;
    bool good = !told_to_end();
    if (good && wait[2].revents != 0) good = hear_inside(limits);
    if (good && wait[1].revents != 0) good = hear_host();
    limits_look(false);
    if (good || ending) continue;
    ending = true;
    kill_run();
  }
  return status;
}

static void kill_children(void) {
  DIR *all = opendir("/proc");
  const pid_t us = getpid();
  for (struct dirent *entry; all != NULL && (entry = readdir(all)) != NULL;) {
    pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
    if (pid > 1 && parent_of(pid) == us) kill(pid, SIGKILL);
  }
  if (all != NULL) closedir(all);
}

/* A bwrap that is killed before it lets its first process go on leaves that one behind, waiting for ever. As the
   reaper of our descendants we are its parent then. */
static void end_children(void) {
  for (;;) {
    pid_t ended = waitpid(-1, NULL, WNOHANG);
    if (ended < 0 && errno != EINTR) return;
    if (ended != 0) continue;
    kill_children();
    (void)waitpid(-1, NULL, 0);
  }
}

/* Everything of the run is gone when this returns. */
static void bury(void) {
  kill_run();
  run.bwrap = -1;
  while (run.first > 0 && waitpid(run.first, NULL, 0) < 0 && errno == EINTR) continue;
  end_children();
  limits_look(true);
  keeping_end();
}

/* The last line, whatever came before. The code to end with. */
static int finish(int code, int signal) {
  unsigned long waited = 0, passed = 0;
  if (run.problem_code != 0) code = run.problem_code, signal = 0;
  if (run.holding) held_counts(&waited, &passed);
  struct line line;
  line_begin(&line, "exit");
  line_number(&line, "code", code);
  line_number(&line, "signal", signal);
  line_number(&line, "waited", (long long)waited);
  line_number(&line, "passed", (long long)passed);
  control_send(&line);
  return code >= 0 ? code : 128 + signal;
}

/* Everything before bwrap. *limits: "" or why they are not in force. */
static bool prepare(const char **limits) {
  static struct message message;
  int error = 0;
  const char *where = "";
  if (!control_start(&message)) return problem("start", EPROTO, "this is no start message", EXIT_REFUSED);
  if (!start_read(&message, &start)) return problem("start", EPROTO, "a word or number is not known", EXIT_REFUSED);
  start.inside.filter.hold = held_level(&start.held);
  if (!take_signals()) return problem("signals", errno, strerror(errno), EXIT_REFUSED);
  *limits = limits_begin(&start.limits);
  more_files();
  struct stat network;
  if (start.inside.relays && stat("/proc/self/ns/net", &network) != 0) return problem("network", errno, strerror(errno), EXIT_REFUSED);
  if (start.inside.relays) start.inside.outer_device = network.st_dev, start.inside.outer_network = network.st_ino;
  return keeping_begin(start.stand_in_folders, start.stand_in_files, &error, &where) ||
         problem("standIn", error, where, EXIT_REFUSED);
}

int supervise(const char *control, char **bwrap) {
  const char *limits = "";
  fill_standard();
  control_take_token();
  ignore_keyboard();
  if (control_open(control) < 0 || !close_from(3, control_descriptor())) return EXIT_REFUSED;
  control_hello();
  if (!prepare(&limits)) return keeping_end(), finish(0, 0);
  /* What bwrap leaves behind becomes our child, to wait for. Not before: the keeper is nobody's. */
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  if (!start_bwrap(bwrap)) return problem("fork", errno, strerror(errno), EXIT_REFUSED), keeping_end(), finish(0, 0);
  int status = attend(limits);
  hear_last_words();
  bury();
  if (!run.up) problem("bwrap", 0, "the boundary was not finished", WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_REFUSED);
  return WIFSIGNALED(status) ? finish(-1, WTERMSIG(status)) : finish(WEXITSTATUS(status), 0);
}
