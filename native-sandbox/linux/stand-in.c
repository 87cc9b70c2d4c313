/*
 * Stand-ins: empty files and folders where a protected path is absent, so that something can be mounted there.
 *
 * One is known as ours by its modification time, a fixed and odd one. Every run that needs it holds a shared lock on
 * it; whoever can turn that into the exclusive lock at the end is the last, and removes it if it is still the same,
 * still empty, and still has the mark. So runs and hosts share them without a list that could be lost, and a holder
 * that was killed leaves no lock. What somebody filled, or gave another time, is theirs.
 *
 * It appears in one step, already marked and locked: a run that finds it in place unmarked could take it for the
 * person's own, hold nothing, and lose its mount when the first run removes it.
 */
#include "core.h"
#include <linux/openat2.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

/* In 2001. Whole seconds are all that some file systems keep, and even ones on some of them. */
enum { MARK_SECONDS = 999999990, MARK_NANOSECONDS = 738291500 };
enum { TRIES = 200, PAUSE_NANOSECONDS = 10 * 1000 * 1000 };

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

static bool same_there(int parent, const char *name, int fd) {
  struct stat there, open_one;
  return fstatat(parent, name, &there, AT_SYMLINK_NOFOLLOW) == 0 && fstat(fd, &open_one) == 0 && marked(&there) &&
         there.st_ino == open_one.st_ino && there.st_dev == open_one.st_dev;
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

/* A marked and locked one under `name`; -1 with errno, EEXIST when somebody else was faster. */
static int make(int parent, const char *name, bool folder) {
  char fresh[64];
  snprintf(fresh, sizeof fresh, ".gatehouse-stand-in-%d-%zu", (int)getpid(), held_count);
  int made = folder ? mkdirat(parent, fresh, 0755)
                    : openat(parent, fresh, O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
  if (made < 0) return -1;
  int fd = folder ? open_one(parent, fresh, true) : made;
  bool good = fd >= 0 && mark(fd) && flock(fd, LOCK_SH | LOCK_NB) == 0;
  if (good && syscall(SYS_renameat2, parent, fresh, parent, name, 1U /* RENAME_NOREPLACE */) == 0) return fd;
  int error = errno;
  if (good && error == EINVAL && faccessat(parent, name, F_OK, AT_SYMLINK_NOFOLLOW) != 0 &&
      renameat(parent, fresh, parent, name) == 0)
    return fd; /* a file system that cannot refuse to replace */
  remove_one(parent, fresh, folder);
  if (fd >= 0) close(fd);
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

/* The command could not make it either: the folder is another user's, or nothing can be written there. */
static bool cannot_appear(int parent, int error) {
  struct stat status;
  if (error == EROFS) return true;
  return geteuid() != 0 && fstat(parent, &status) == 0 && status.st_uid != geteuid();
}

enum got { GOT_HELD, GOT_NOTHING_NEEDED, GOT_PROBLEM };

/* *fd is set when held. */
static enum got hold_in(int parent, const char *name, bool folder, int *fd) {
  for (int attempt = 0; attempt < TRIES; attempt++) {
    struct stat found;
    if (fstatat(parent, name, &found, AT_SYMLINK_NOFOLLOW) == 0) {
      if (S_ISLNK(found.st_mode)) return errno = ELOOP, GOT_PROBLEM;
      if (!marked(&found)) return GOT_NOTHING_NEEDED;
      if ((*fd = join(parent, name, S_ISDIR(found.st_mode))) >= 0) return GOT_HELD;
      /* The last holder is removing it at this moment, or somebody else has locked it. */
      nanosleep(&(struct timespec){0, attempt < 10 ? 0 : PAUSE_NANOSECONDS}, NULL);
      continue;
    }
    if (errno != ENOENT) return GOT_PROBLEM;
    if ((*fd = make(parent, name, folder)) >= 0) return GOT_HELD;
    if (errno != EEXIST) return cannot_appear(parent, errno) ? GOT_NOTHING_NEEDED : GOT_PROBLEM;
  }
  return errno = EBUSY, GOT_PROBLEM;
}

static bool hold(const char *path, bool folder) {
  const char *slash = strrchr(path, '/');
  if (path[0] != '/' || slash[1] == '\0') return errno = EINVAL, false;
  char *above = slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
  struct stat status;
  int parent = above == NULL ? -1 : open_parent(above), fd = -1;
  free(above);
  /* No folder to make it in, for us and for the command. */
  if (parent < 0) return errno == ENOENT || errno == ENOTDIR || errno == EACCES;
  /* The folder is a stand-in itself: closed as a whole, and it must stay empty. */
  enum got got = fstat(parent, &status) == 0 && marked(&status) ? GOT_NOTHING_NEEDED
                                                                 : hold_in(parent, slash + 1, folder, &fd);
  if (got == GOT_HELD) {
    held[held_count++] = (struct stand_in){parent, fd, slash + 1};
    return true;
  }
  int error = errno;
  close(parent);
  return errno = error, got == GOT_NOTHING_NEEDED;
}

bool stand_ins_hold(const struct strings *folders, const struct strings *files, int *error, const char **problem) {
  held = calloc(folders->count + files->count + 1, sizeof *held);
  if (held == NULL) _exit(EXIT_REFUSED);
  for (size_t i = 0; i < folders->count + files->count; i++) {
    bool folder = i < folders->count;
    const char *path = folder ? folders->items[i] : files->items[i - folders->count];
    if (hold(path, folder)) continue;
    *error = errno;
    *problem = path;
    return false;
  }
  return true;
}

void stand_ins_release(void) {
  while (held_count > 0) {
    struct stand_in one = held[--held_count];
    struct stat status;
    if (flock(one.fd, LOCK_EX | LOCK_NB) == 0 && same_there(one.parent, one.name, one.fd) &&
        fstat(one.fd, &status) == 0)
      remove_one(one.parent, one.name, S_ISDIR(status.st_mode));
    close(one.fd);
    close(one.parent);
  }
  free(held);
  held = NULL;
}
