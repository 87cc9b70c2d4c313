/* What the parts of the launcher share that held calls have nothing to do with. */
#ifndef GATEHOUSE_CORE_H
#define GATEHOUSE_CORE_H
#include "launcher.h"

/* Bytes of the UTF-8 character at `text`; 0 when there is none. */
size_t utf8_length(const char *text, size_t room);
void line_end(struct line *line);

/* control.c: the side that only the supervisor's loop uses. ------------------------------------------------- */

/* Takes the one-time token from the environment, so that nothing started later finds it there. */
void control_take_token(void);
void control_hello(void);
int control_descriptor(void);
/* Reads what is there without waiting. false: the host is gone, or a line is too long. */
bool control_fill(void);
enum control_got { CONTROL_NONE, CONTROL_MESSAGE, CONTROL_UNREADABLE };
/* The next whole line that was read. The first may have START_MAX_BYTES, all others LINE_MAX_BYTES. */
enum control_got control_next(struct message *out);
/* Waits for `start` with a protocol we know. false: something else came, or nobody is there any more. */
bool control_start(struct message *out);
void control_problem(const char *what, int error, const char *words);

/* The two ends of one run: the supervisor on the host, and the last step before the command. --------------- */

enum { INSIDE_FD = 3 };

/* Sent by the supervisor before anything else. */
struct inside_options {
  struct filter_options filter;
  long long open_files, file_bytes;
  /* Two sockets are to listen inside, in a network that is another one than this, the supervisor's own. */
  bool relays;
  dev_t outer_device;
  ino_t outer_network;
};

/* narrow.c: no new privileges, no capabilities, no core file, the limits. NULL, or with errno what did not work. */
const char *narrow(const struct inside_options *options);

enum word_kind { WORD_READY, WORD_PROBLEM, WORD_LISTENS };
/* From inside. LISTENS carries a socket that listens and says which in `what`. READY carries the listener when calls are held, and `error` says why none are although wanted. */
struct inside_word {
  enum word_kind kind;
  int error;
  char what[32];
};

/* Sends `word` and, unless -1, a descriptor. */
bool handoff_send(int socket, const struct inside_word *word, int descriptor);
/* *descriptor: -1 when none came; *sender: as this process numbers it. 1, 0 at the end, -1 for what is no word. */
int handoff_receive(int socket, struct inside_word *word, int *descriptor, pid_t *sender);

_Noreturn void inside(const char *cwd, char **command);
int supervise(const char *control, char **bwrap);
/* No boundary of ours. `contained`: the container around us is one, and the command is narrowed all the same. */
_Noreturn void unbounded(const char *control, const char *cwd, char **command, bool contained);
int dump_filter(const char *mode);
_Noreturn void usage(void);

/* process.c --------------------------------------------------------------------------------------------------- */

/* Closes all descriptors from `first` up but `keep` (-1: none). false: cannot be done here. */
bool close_from(int first, int keep);
/* Descriptors 0 to 2 are open, so that none of ours ever takes one of these numbers. */
void fill_standard(void);
/* The signals of a fresh process, whatever the host ignored or blocked. */
void reset_signals(void);
/* Keeps GHENV_NAME=value as NAME=value and drops the rest. */
void take_environment(void);
/* The process that `pid` is a child of; -1 when it cannot be told. */
pid_t parent_of(pid_t pid);
int exec_exit_code(int error);
/* As many open files as may be had, as each stand-in needs two; and back again, in a child, for what it starts. */
void more_files(void);
void usual_files(void);

/* stand-in.c: empty files and folders where a protected path is absent. ------------------------------------ */

/* Makes or joins each, locked until it is released. false: *error and *problem (the path) say why. */
bool stand_ins_hold(const struct strings *folders, const struct strings *files, int *error, const char **problem);
/* Descriptors of locks, `max` of them at most, from the `first` on. Returns how many. */
size_t stand_ins_locks(int *out, size_t first, size_t max);
/* Removes those that nobody else holds and nobody filled. */
void stand_ins_release(void);
/* The same for another process's, which is dead: `maker`. Also what it left half made. */
void stand_ins_sweep(const struct strings *folders, const struct strings *files, pid_t maker);

/* keeping.c: what the run leaves on the host, also when the supervisor is killed. --------------------------- */

/* Makes the stand-ins. Forks a keeper only when there is something to keep. false: *error and *problem (a path, or
   "keeper") say why. */
bool keeping_begin(const struct strings *folders, const struct strings *files, int *error, const char **problem);
/* All of these must be gone before a keeper takes anything away. */
void keeping_watch(const pid_t *pids, size_t count);
/* Takes everything away. Call when the run's processes are gone. */
void keeping_end(void);

/* limits.c ---------------------------------------------------------------------------------------------------- */

struct limits { long long memory_bytes, pids, cpu_percent; const char *cgroup; };
/* Makes a cgroup for the run below `cgroup`. Returns "" or why limits are not in force. */
const char *limits_begin(const struct limits *wanted);
/* The folder made, "" when none. */
const char *limits_folder(void);
/* In the child, before bwrap. false: it could not join. */
bool limits_join(void);
/* Descriptors to poll with POLLPRI; -1 when there is none. */
void limits_descriptors(int out[2]);
/* Kills what is left in it, and removes it. "": nothing is done. */
void limits_remove(const char *cgroup);
/* Sends `limit` for what was hit since the last call. `last`: the run is over, also looks at processor time. */
void limits_look(bool last);

#endif
