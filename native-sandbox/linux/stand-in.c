/*
 * Stand-ins: empty files and folders where a protected path is absent, so that something can be mounted there.
 *
 * One is known as ours by its modification time, a fixed and odd one. Every run that needs it holds a shared lock on
 * it; whoever can turn that into the exclusive lock at the end is the last, and removes it if it is still the same,
 * still empty, and still has the mark. So runs and hosts share them without a list that could be lost, and a holder
 * that was killed leaves no lock. What somebody filled, or gave another time, is theirs.
 *
 * It appears in one step, already marked and locked: a run that finds it in place unmarked could take it for the
 * person's own, hold nothing, and lose its mount when the first run removes it. Until then it has one name in every
 * folder, so that what a kill in that moment leaves is taken away by the next run there.
 */
#include "core.h"
#include <linux/openat2.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

/* In 2001. Whole seconds are all that some file systems keep, and even ones on some of them. */
enum { MARK_SECONDS = 999999990, MARK_NANOSECONDS = 738291500 };
enum { TRIES = 200, COMMON_TRIES = 5, PAUSE_NANOSECONDS = 10 * 1000 * 1000 };
static const char HALF_MADE[] = ".gatehouse-stand-in";

struct stand_in { int parent, fd; const char *name; };
static struct stand_in *held;
static size_t held_count;

static bool marked(const struct stat *status) {
  return status->st_mtim.tv_sec == MARK_SECONDS &&
         (status->st_mtim.tv_nsec == MARK_NANOSECONDS || status->st_mtim.tv_nsec == 0) &&
         (S_ISDIR(status->st_mode) || (S_ISREG(status->st_mode) && status->st_size == 0));
}

static bool mark(int fd) {
  const struct timespec times[2] = {{0, UTIME_OMIT}, {MARK_SECONDS, MARK_NANOSECONDS}};
  struct stat status;
  if (futimens(fd, times) != 0 || fstat(fd, &status) != 0) return false;
  return marked(&status) || (errno = ENOTSUP, false);
}

/* The same inode is at the place still, whatever it looks like. */
static bool still_there(int parent, const char *name, int fd) {
  struct stat there, open_one;
  return fstatat(parent, name, &there, AT_SYMLINK_NOFOLLOW) == 0 && fstat(fd, &open_one) == 0 &&
         there.st_ino == open_one.st_ino && there.st_dev == open_one.st_dev;
}

static bool same_there(int parent, const char *name, int fd) {
  struct stat status;
  return still_there(parent, name, fd) && fstat(fd, &status) == 0 && marked(&status);
}

static int open_parent(const char *path) {
  struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS};
  long fd = syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
  if (fd >= 0 || errno != ENOSYS) return (int)fd;
  return open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC); /* before Linux 5.6 */
}

static int open_one(int parent, const char *name, bool folder) {
  return openat(parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | (folder ? O_DIRECTORY : 0));
}

static void remove_one(int parent, const char *name, bool folder) {
  (void)unlinkat(parent, name, folder ? AT_REMOVEDIR : 0);
}

/* What a killed run left half made. One that is being made is locked, or is tried again by its maker when it has gone
   before that; what holds anything is not ours. */
static void remove_stale(int parent, const char *fresh) {
  struct stat status;
  int fd = openat(parent, fresh, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return;
  if (fstat(fd, &status) == 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && still_there(parent, fresh, fd)) {
    if (S_ISDIR(status.st_mode)) remove_one(parent, fresh, true);
    else if (S_ISREG(status.st_mode) && status.st_size == 0) remove_one(parent, fresh, false);
  }
  close(fd);
}

/* A locked one under a name for the time of its making, which is written to `fresh`. -1 with errno. */
static int begin_making(int parent, bool folder, char *fresh, size_t size) {
  for (int attempt = 0; attempt < TRIES; attempt++) {
    /* Somebody may keep the common name for good: then one of our own. */
    if (attempt < COMMON_TRIES) snprintf(fresh, size, "%s", HALF_MADE);
    else snprintf(fresh, size, "%s-%d", HALF_MADE, (int)getpid());
    int made = folder ? mkdirat(parent, fresh, 0755)
                      : openat(parent, fresh, O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (made < 0 && errno != EEXIST) return -1;
    if (made < 0) {
      remove_stale(parent, fresh);
      continue;
    }
    int fd = folder ? open_one(parent, fresh, true) : made;
    if (fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) == 0 && still_there(parent, fresh, fd)) return fd;
    if (fd >= 0) close(fd);
  }
  return errno = EBUSY, -1;
}

/* A marked and locked one under `name`; -1 with errno, EEXIST when somebody else was faster. */
static int make(int parent, const char *name, bool folder) {
  char fresh[64];
  int fd = begin_making(parent, folder, fresh, sizeof fresh);
  if (fd < 0) return -1;
  bool good = mark(fd);
  if (good && syscall(SYS_renameat2, parent, fresh, parent, name, 1U /* RENAME_NOREPLACE */) == 0) return fd;
  int error = errno;
  if (good && error == EINVAL && faccessat(parent, name, F_OK, AT_SYMLINK_NOFOLLOW) != 0 &&
      renameat(parent, fresh, parent, name) == 0)
    return fd; /* a file system that cannot refuse to replace */
  remove_one(parent, fresh, folder);
  close(fd);
  return errno = error, -1;
}

/* One that is there already: its lock, if it is still in place once we have that. -1: try again. */
static int join(int parent, const char *name, bool folder) {
  int fd = open_one(parent, name, folder);
  if (fd < 0) return -1;
  if (flock(fd, LOCK_SH | LOCK_NB) == 0 && same_there(parent, name, fd)) return fd;
  close(fd);
  return -1;
}

/* PRESENT: something that is nobody's stand-in, and can be mounted over as it is. */
enum got { GOT_HELD, GOT_PRESENT, GOT_PROBLEM };

/* *fd is set when held. */
static enum got hold_in(int parent, const char *name, bool folder, int *fd) {
  for (int attempt = 0; attempt < TRIES; attempt++) {
    struct stat found;
    if (fstatat(parent, name, &found, AT_SYMLINK_NOFOLLOW) == 0) {
      if (S_ISLNK(found.st_mode)) return errno = ELOOP, GOT_PROBLEM;
      if (!marked(&found)) return GOT_PRESENT;
      if ((*fd = join(parent, name, S_ISDIR(found.st_mode))) >= 0) return GOT_HELD;
      /* The last holder is removing it at this moment, or somebody else has locked it. */
      nanosleep(&(struct timespec){0, attempt < 10 ? 0 : PAUSE_NANOSECONDS}, NULL);
      continue;
    }
    if (errno != ENOENT) return GOT_PROBLEM;
    if ((*fd = make(parent, name, folder)) >= 0) return GOT_HELD;
    if (errno != EEXIST) return GOT_PROBLEM;
  }
  return errno = EBUSY, GOT_PROBLEM;
}

/* Opens the folder above; *name is the rest. -1 with errno. */
static int open_above(const char *path, const char **name) {
  const char *slash = strrchr(path, '/');
  if (path[0] != '/' || slash[1] == '\0') return errno = EINVAL, -1;
  char *above = slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
  int parent = above == NULL ? -1 : open_parent(above);
  free(above);
  *name = slash + 1;
  return parent;
}

/* The host names only what it mounts. What cannot be made is a problem: nothing would stand there. */
static bool hold(const char *path, bool folder) {
  const char *name;
  struct stat status;
  int parent = open_above(path, &name), fd = -1;
  if (parent < 0) return false;
  /* A stand-in must stay empty. */
  enum got got = fstat(parent, &status) == 0 && marked(&status) ? (errno = EBUSY, GOT_PROBLEM)
                                                                 : hold_in(parent, name, folder, &fd);
  if (got == GOT_HELD) {
    held[held_count++] = (struct stand_in){parent, fd, name};
    return true;
  }
  int error = errno;
  close(parent);
  return errno = error, got == GOT_PRESENT;
}

bool stand_ins_hold(const struct strings *folders, const struct strings *files, int *error, const char **problem) {
  held = calloc(folders->count + files->count + 1, sizeof *held);
  if (held == NULL) _exit(EXIT_REFUSED);
  mode_t before = umask(022);
  bool good = true;
  for (size_t i = 0; good && i < folders->count + files->count; i++) {
    bool folder = i < folders->count;
    const char *path = folder ? folders->items[i] : files->items[i - folders->count];
    if (hold(path, folder)) continue;
    *error = errno;
    *problem = path;
    good = false;
  }
  umask(before);
  return good;
}

size_t stand_ins_locks(int *out, size_t first, size_t max) {
  size_t count = 0;
  while (count < max && first + count < held_count) {
    out[count] = held[first + count].fd;
    count++;
  }
  return count;
}

/* The last one that holds it removes it. The keeper has the same lock, which must not outlast this. */
static void release(int parent, const char *name, int fd) {
  struct stat status;
  if (flock(fd, LOCK_EX | LOCK_NB) == 0 && same_there(parent, name, fd) && fstat(fd, &status) == 0)
    remove_one(parent, name, S_ISDIR(status.st_mode));
  flock(fd, LOCK_UN);
  close(fd);
}

void stand_ins_release(void) {
  while (held_count > 0) {
    struct stand_in one = held[--held_count];
    release(one.parent, one.name, one.fd);
    close(one.parent);
  }
  free(held);
  held = NULL;
}

void stand_ins_sweep(const struct strings *folders, const struct strings *files, pid_t maker) {
  char own[64];
  snprintf(own, sizeof own, "%s-%d", HALF_MADE, (int)maker);
  for (size_t i = 0; i < folders->count + files->count; i++) {
    const char *path = i < folders->count ? folders->items[i] : files->items[i - folders->count], *name;
    int parent = open_above(path, &name);
    if (parent < 0) continue;
    remove_stale(parent, HALF_MADE);
    remove_stale(parent, own);
    int fd = open_one(parent, name, i < folders->count);
    if (fd >= 0) release(parent, name, fd);
    close(parent);
  }
}
