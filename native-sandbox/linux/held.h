/*
 * Shared by the parts that answer held file calls. The mount namespace is the boundary; everything here only grants.
 *
 *   receive.c   takes each notification, lets what the kernel allows anyway go on at once
 *   held.c      the worker: resolves, decides, asks, answers
 *   table.c     the calls and where their arguments are     caller.c    the caller: memory, links, answers to it
 *   resolve.c   a path, walked as the caller would          rules.c     what was granted or denied
 *   descriptor.c  what a descriptor of the caller leads to
 *   order.c     reads what the host says                    reading.c   files that may not be read, by pattern (glob.c) or inode
 *   question.c  the `held` message                          emulate.c   one call, made on pinned descriptors
 *   grow.c      the broker: the only one that mounts        mask.c      denied places whose opens wait
 *
 * Everything but receive.c and mask.c's own threads runs in the worker, which has no capability and its own umask.
 */
#ifndef GATEHOUSE_HELD_H
#define GATEHOUSE_HELD_H
#include "launcher.h"
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <time.h>

enum { PLACE_BYTES = PATH_MAX + NAME_MAX + 2, WAITING_MAX = 256, QUEUE_MAX = 1024, RULES_MAX = 4096, MASKS_MAX = 64 };

/* table.c -------------------------------------------------------------------------------------------------- */

enum shape {
  CALL_OPEN, CALL_CREAT, CALL_OPENAT2, CALL_MKDIR, CALL_MKNOD, CALL_UNLINK, CALL_RMDIR, CALL_RENAME, CALL_LINK,
  CALL_SYMLINK, CALL_TRUNCATE, CALL_CHMOD, CALL_CHOWN, CALL_TIMES, CALL_SET_XATTR, CALL_REMOVE_XATTR
};
/* Positions of arguments; -1: the call has none. `more`: owner, times, length or name of an attribute. Without a path,
   `folder` is the descriptor that the call acts on. */
struct call_form { int number; const char *name; enum shape shape; int8_t folder, path, flags, mode, folder2, path2, more; };
const struct call_form *form_of(int number);
/* The names of an open's flags. */
void flag_names(const struct call_form *form, uint64_t flags, struct strings *out);
/* Whether the call acts on what a link at the end of its path points to. */
bool follows_last(const struct call_form *form, uint64_t flags);
/* An open (of any kind) that can only read. */
bool opens_for_reading(const struct call_form *form, uint64_t flags);
/* Rename, unlink, rmdir: the name itself changes, which a grant of what is below it does not cover. */
bool changes_entry(const struct call_form *form);

/* resolve.c ------------------------------------------------------------------------------------------------ */

/* A place as the caller reaches it, kept by descriptors. object is -1 when nothing is there. */
struct place {
  int folder, object;
  char name[NAME_MAX + 1], directory[PATH_MAX];
  struct stat folder_stat, object_stat;
  /* On a read-only mount. */
  bool folder_closed, object_closed;
};
void place_begin(struct place *place);
void place_free(struct place *place);
/* Why a path has no place: it led through a link of /proc, whose end only the caller's own walk could tell. */
enum { RESOLVE_UNCLEAR = 100000 };
/* What was left of such a path leads on into another place, not only to the end of the link. */
bool unclear_leads_on(const struct place *place);
/* `root` and `base` are descriptors of the caller's own. 0, -errno or -RESOLVE_UNCLEAR; then out->directory has what
   was left of the path. After -ENOENT it has the whole path that would be there, or "". After an error nothing needs
   to be freed. */
int place_resolve(int root, int base, const char *path, bool follow, struct place *out);
void place_path(const struct place *place, char out[PLACE_BYTES]);
/* The same folder through the host's mounts, or -errno; -EXDEV when it is another one or cannot be written. */
int place_on_host(const struct place *place);
/* The same object on the host below `folder`, O_PATH; -EXDEV when the name leads to another one there. */
int object_on_host(const struct place *place, int folder);
int open_how(int folder, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve);
/* Nothing can be written through it, whoever asks. */
bool on_closed_mount(int fd);
bool same_file(const struct stat *a, const struct stat *b);
bool has_dot_dot(const char *path);
/* Whether `path` is `folder` or below it. */
bool is_below(const char *folder, const char *path);

/* caller.c ------------------------------------------------------------------------------------------------- */

void caller_begin(int listener);
ssize_t caller_read(pid_t tid, uint64_t address, void *out, size_t length);
/* Copies a string once. 0, -EFAULT or -ENAMETOOLONG. */
int caller_text(pid_t tid, uint64_t address, char *out, size_t room);
/* Reads the link /proc/TID/WHAT. Its length, or -1. */
ssize_t caller_link(pid_t tid, const char *what, char *out, size_t room);
/* An O_PATH descriptor of /proc/TID/root, cwd, or the descriptor `folder` when it is not AT_FDCWD. */
int caller_root(pid_t tid);
int caller_base(pid_t tid, int folder);
/* An O_PATH descriptor of what the descriptor `number` leads to, or -1. */
int caller_descriptor(pid_t tid, int number);
struct caller_status { pid_t pid, parent; mode_t umask; unsigned depth, inner_pid; };
bool caller_status(pid_t tid, struct caller_status *out);
/* It is gone, or a kill waits for it. */
bool caller_dies(pid_t tid);
/* question.c: what a process says it was started with, and its parents as `PID EXE`, the nearest first, up to the
   command; what the run's own first process adopted ends there. */
void caller_argv(pid_t pid, struct strings *out);
void caller_chain(pid_t pid, pid_t inner, struct strings *out);

void notice_answer(uint64_t id, int error);
void notice_continue(uint64_t id);
bool notice_waits(uint64_t id);
/* Puts `fd` into the caller as the result of its call. Keeps `fd` open here. */
void notice_give(uint64_t id, int fd, bool close_on_exec);

/* One held call. */
struct held_call {
  struct seccomp_notif notice;
  const struct call_form *form;
  /* Held by an active mask instead of the filter. */
  struct mask_hold *mask;
  bool reads;
  /* openat2 with rules of its own, which only the kernel keeps. */
  bool own_rules;
  uint64_t flags;
  mode_t mode;
  char raw[PATH_MAX], raw2[PATH_MAX];
  char path[PLACE_BYTES], path2[PLACE_BYTES];
  struct place place, place2;
  /* On the host: the parents and the object. -1: not looked for or not there. */
  int host, host2, object;
  pid_t pid;
  unsigned question, looks;
  /* When its caller was first found gone; 0: it waits. */
  long long gone_at;
  struct held_call *next;
};
struct held_call *call_new(void);
/* As new, for the next notification. */
void call_clear(struct held_call *call);
/* Closes what resolving opened, so that the call can be looked at again. */
void call_forget(struct held_call *call);
void call_free(struct held_call *call);

/* descriptor.c --------------------------------------------------------------------------------------------- */

/* It has no path at all, as fchmod. */
bool call_nameless(const struct held_call *call);
/* The descriptor that the call changes, -1 when it acts on a name. */
int descriptor_of(const struct held_call *call);
/* It does not lie on a read-only mount, or the kernel says that there is none. */
bool descriptor_goes_on(pid_t tid, int number);
/* As place_resolve. -EBADF or -ESTALE: the kernel answers. */
int descriptor_resolve(const struct held_call *call, int number, struct place *out);

/* receive.c ------------------------------------------------------------------------------------------------ */

/* Starts the thread that takes notifications. With `pass_all` nothing is ever held. */
int receive_begin(const struct held_options *options, int listener, bool pass_all);
/* `path` is writable from now on; takes `fd`. */
void roots_add(const char *path, int fd, bool grown);
void roots_drop(const char *path);
/* Reads of the caller's places are looked at from now on. */
void receive_watch_reads(void);
unsigned long receive_passed(void);
/* The queue to the worker; false: too many wait already. */
bool worker_take(struct held_call *call);

/* rules.c -------------------------------------------------------------------------------------------------- */

enum verdict { VERDICT_NONE, VERDICT_ONCE, VERDICT_PATH, VERDICT_DIRECTORY, VERDICT_DENY };
enum order_kind { ORDER_ANSWER, ORDER_GRANT, ORDER_REVOKE, ORDER_MASK };
/* What the host said, read and checked. */
struct order { enum order_kind kind; unsigned id; enum verdict verdict; bool remember, directory; char path[PATH_MAX]; };
/* Pure. false: not exactly a message of the protocol, so nothing may follow from it. */
bool order_parse(const struct message *message, struct order *out);

enum ruling { RULING_NONE, RULING_ALLOW, RULING_DENY };
void rules_begin(const struct held_options *options);
/* Of a call on `path`. `entry`: its name itself would change. */
enum ruling rules_ask(const char *path, bool reads, bool entry);
/* false: too many rules. */
bool rules_add(const char *path, bool below, bool reads, bool allow);
/* Takes allowing rules for exactly this path away. */
void rules_revoke(const char *path);
/* Why no single answer may open this folder, or NULL. */
const char *rules_too_wide(const char *folder);
/* A root, a protected or a masked place lies below, so its name must not change. */
bool rules_pin(const char *path);
/* The mask that holds this path, or NULL. */
const char *rules_mask_of(const char *path);
void rules_add_mask(const char *path);
/* Protected and masked places below a folder, for the broker. Owned by the caller. */
void rules_places_below(const char *folder, struct strings *out);

/* reading.c ------------------------------------------------------------------------------------------------- */

/* `denied`: FOLDER, a line end, PATTERN (glob.h). `reads`: places that are granted whatever pattern names them. */
void reading_begin(const struct strings *masks, const struct strings *denied, const struct strings *reads);
/* Other names of what lies below are denied from now on. */
void reading_add_mask(const char *path);
/* The mask `path` cannot hold opens by itself, so they are looked for here. */
void reading_add_inert(const char *path);
/* A pattern names the file, it is another name of a masked one, or an inert mask covers it. Safe from every thread,
   as the next one. */
bool reading_denied(const char *path, const struct stat *file);
/* Whether there is anything to look for. */
bool reading_watched(void);
/* A pattern alone denies it. */
bool reading_named(const char *path);
/* No pattern that names exactly this place denies it any more, or what is below it; and back again. */
void reading_grant(const char *path);
void reading_revoke(const char *path);

/* pair.c --------------------------------------------------------------------------------------------------- */

/* true: it was a shutdown, and is answered. `blind`: without a look at the socket, so with a refusal. */
bool pair_takes(const struct seccomp_notif *notice, bool blind);

/* grow.c --------------------------------------------------------------------------------------------------- */

/* NULL when folders of this run can be opened, else why not. Starts nothing. */
const char *grow_begin(pid_t inner);
/* Makes the folder writable where it stands. 0 or -errno. */
int grow_folder(int folder, const char *path);
int grow_drop(const char *path);
/* Covers a file or folder so that it cannot be read. */
int grow_mask(const char *path);
/* Shows what the mask `path` covers again, read-only. */
int grow_unmask(const char *path);
/* A descriptor for reading a file that `mask` covers, on a mount that is read-only. */
int grow_open(const char *mask, const char *path);
/* Mounts a file system served by us over `path`; its descriptor or -errno. */
int grow_serve(const char *path, bool folder);

/* mask.c --------------------------------------------------------------------------------------------------- */

/* Makes a mask active: opening something in it waits. 0 or -errno; then the inert mask stays. */
int mask_begin(const char *path);
void mask_settle(struct mask_hold *hold, bool allow);
/* The caller of it still waits. */
bool mask_waits(const struct mask_hold *hold);

/* emulate.c ------------------------------------------------------------------------------------------------ */

/* Would the kernel refuse for want of a writable mount? 0: no. 1: yes. Negative: what it would say anywhere. */
int call_blocked(const struct held_call *call);
/* Whether the call can be made exactly, by a caller of these rights. Looks, changes nothing. */
bool call_possible(const struct held_call *call);
/* Makes it and answers. false: what was shown is no longer there, nothing was done and nothing was answered. */
bool call_make(struct held_call *call);

/* question.c ----------------------------------------------------------------------------------------------- */

/* The `held` message. false: it would not fit into a line. */
bool question_build(const struct held_call *call, pid_t inner, struct line *out);

/* held.c --------------------------------------------------------------------------------------------------- */

/* Sends unless the run has ended. Frees the line. */
void held_say(struct line *line);
long long now_ms(void);

#endif
