/*
 * Shared declarations of the launcher; see ../README.md for what each part is for. C11, Linux, no library.
 *
 * One process on the host per run supervises it (supervise.c). Inside, the same program is the last step before
 * the command (inside.c). Only the supervisor reads messages, and only it acts on the host.
 */
#ifndef GATEHOUSE_LAUNCHER_H
#define GATEHOUSE_LAUNCHER_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

enum { EXIT_USAGE = 125, EXIT_REFUSED = 126, EXIT_MISSING = 127 };

/* A list of strings that the list owns. */
struct strings { char **items; size_t count; };
void strings_add(struct strings *list, const char *text);
void strings_free(struct strings *list);

/* message.c: flat JSON objects, bounded. ------------------------------------------------------------------ */

enum { LINE_MAX_BYTES = 64 * 1024, START_MAX_BYTES = 1024 * 1024, MESSAGE_MAX_FIELDS = 40 };

enum field_kind { FIELD_TEXT, FIELD_NUMBER, FIELD_FLAG, FIELD_LIST };
struct field {
  char name[32];
  enum field_kind kind;
  char *text;
  long long number;
  bool flag;
  struct strings list;
};
struct message { struct field fields[MESSAGE_MAX_FIELDS]; size_t count; };

/* Reads one line without its end. false: not a flat object, too much of it, or a string with a NUL. Frees nothing
   of an earlier use; call message_free first. */
bool message_parse(const char *line, size_t length, struct message *out);
void message_free(struct message *message);
/* Absent, or of another kind: "" / fallback / false / an empty list. Never NULL. */
const char *message_text(const struct message *message, const char *name);
long long message_number(const struct message *message, const char *name, long long fallback);
bool message_flag(const struct message *message, const char *name);
const struct strings *message_list(const struct message *message, const char *name);

/* A line being written. Text is escaped; bytes that are no UTF-8 become lone surrogates. */
struct line { char *bytes; size_t length, room; };
void line_begin(struct line *line, const char *type);
void line_text(struct line *line, const char *name, const char *value);
void line_number(struct line *line, const char *name, long long value);
void line_flag(struct line *line, const char *name, bool value);
void line_list(struct line *line, const char *name, const struct strings *values);

/* control.c ------------------------------------------------------------------------------------------------ */

/* Opens "fd:3" or "unix:PATH" (and checks who listens there). -1 with errno. */
int control_open(const char *where);
/* Ends the line and sends it whole; safe from every thread. Lost only when the host is gone. Frees the line. A line
   over LINE_MAX_BYTES closes the channel and so ends the run: bound `length` before, a byte of text takes up to 6. */
void control_send(struct line *line);

/* seccomp.c ------------------------------------------------------------------------------------------------ */

/* `openat2` is refused with ENOSYS but for FILTER_NONE: its mode and flags lie in memory, where they can be changed
   after any look at them. Programs then use openat. CLOSED: pairs of unix sockets and nothing else; LOCAL: also
   named sockets and addresses, all of them inside the empty network namespace. */
enum filter_network { FILTER_NONE, FILTER_CLOSED, FILTER_LOCAL, FILTER_PROXIED, FILTER_OPEN };
enum hold_level { HOLD_NONE, HOLD_WRITES, HOLD_ALL };
struct filter_options { enum filter_network network; enum hold_level hold; bool nesting; };
struct sock_filter;
/* Writes the program for this machine's ABI; returns its length, 0 when `max` or our own room is too small for it. */
size_t filter_build(const struct filter_options *options, struct sock_filter *out, size_t max);
/* Installs it for the calling thread. *listener: the descriptor of held calls, -1 when nothing is held. 0 or -errno. */
int filter_install(const struct filter_options *options, int *listener);
/* A caller that puts this into the sixth argument of a held call is not held: it gets the kernel's own answer. Not for
   opens with HOLD_ALL. */
#define FILTER_SKIP_MAGIC 0x67682d736b697021ULL

/* held.c and its neighbours (resolve.c, rules.c, emulate.c, grow.c, mask.c) ---------------------------------- */

struct held_options {
  enum hold_level level;
  bool grows;
  int listener;
  /* First process inside, as the host numbers it. */
  pid_t inner;
  struct strings roots, closed, masks, denied_globs, granted_reads;
};
/* Before the filter is made: the calls it has to hold. HOLD_WRITES instead of HOLD_ALL where nothing denied could be
   opened unseen: no patterns, no other names of masked files, and masks whose opens wait by themselves. */
enum hold_level held_level(const struct held_options *options);
enum { HELD_CANNOT = 1 };
/* Starts the threads that answer held calls. 0; *why is set to words when growing cannot work here. HELD_CANNOT:
   nothing can be held or opened here and *why says so; each call gets the kernel's own answer at once. Or -errno. */
int held_begin(const struct held_options *options, const char **why);
/* `answer`, `grant`, `revoke`, `mask`. Called from the supervisor's loop only. */
void held_message(const struct message *message);
/* Refuses every waiting call and holds no more. Safe to call twice. */
void held_stop(void);
/* Counts for the `exit` message. */
void held_counts(unsigned long *waited, unsigned long *passed);

#endif
