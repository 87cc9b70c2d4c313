/*
 * Makes one call for its caller, on the folder and the object that were looked at, through the host's mounts.
 *
 * This is the second place where the boundary is decided, so it is kept small: regular files only, no set-user-id bit,
 * no device, no folder handed out, nothing by a path of more than one name. The thread has no capability.
 */
#include "held.h"
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <utime.h>

enum { XATTR_NAME_BYTES = 256, XATTR_VALUE_BYTES = 64 * 1024 };

static int outcome(int result) { return result == 0 ? 0 : -errno; }

static void self_path(int fd, char out[32]) { snprintf(out, 32, "/proc/self/fd/%d", fd); }

/* The name still leads to the object that was shown, or still to none. */
static bool unchanged(const struct held_call *call) {
  struct stat now;
  bool there = fstatat(call->host, call->place.name, &now, AT_SYMLINK_NOFOLLOW) == 0;
  if (call->place.object < 0) return true; /* a call that makes something says itself when the name is taken */
  return there && same_file(&now, &call->place.object_stat);
}

/* A descriptor for the caller, or -errno. -ESTALE: something else has the name now. */
static int make_open(const struct held_call *call) {
  const uint64_t kept = O_ACCMODE | O_CREAT | O_EXCL | O_TRUNC | O_APPEND | O_NONBLOCK | O_SYNC | O_DSYNC | O_DIRECT |
                        O_NOATIME | O_DIRECTORY;
  uint64_t flags = (call->flags & kept) | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  bool unnamed = (call->flags & O_TMPFILE) == O_TMPFILE;
  char self[32];
  int fd;
  if (unnamed) {
    self_path(call->object, self);
    fd = open(self, (int)((flags & ~(uint64_t)O_NOFOLLOW) | O_TMPFILE), call->mode & 01777);
  } else if (call->place.object >= 0) {
    /* Cut only when it is known to be the same file. */
    fd = open_how(call->host, call->place.name, flags & ~(uint64_t)(O_TRUNC | O_CREAT), 0, RESOLVE_NO_SYMLINKS);
  } else {
    fd = open_how(call->host, call->place.name, flags, call->mode & 01777, RESOLVE_NO_SYMLINKS);
  }
  if (fd < 0) return errno == ENOENT && call->place.object >= 0 ? -ESTALE : -errno;
  struct stat facts;
  int error = 0;
  if (fstat(fd, &facts) != 0 || !S_ISREG(facts.st_mode)) error = -EACCES;
  else if (!unnamed && call->place.object >= 0 && !same_file(&facts, &call->place.object_stat)) error = -ESTALE;
  else if (call->place.object >= 0 && !unnamed && (flags & O_TRUNC) && ftruncate(fd, 0) != 0) error = -errno;
  else if (!(call->flags & O_NONBLOCK)) (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
  if (error == 0) return fd;
  close(fd);
  return error;
}

static int make_truncate(const struct held_call *call) {
  off_t length = (off_t)call->notice.data.args[call->form->more];
  struct rlimit limit;
  if (length < 0) return -EINVAL;
  if (prlimit((pid_t)call->notice.pid, RLIMIT_FSIZE, NULL, &limit) != 0) return -EACCES;
  if (limit.rlim_cur != RLIM_INFINITY && (uint64_t)length > limit.rlim_cur) return -EFBIG;
  int fd = open_how(call->host, call->place.name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0, RESOLVE_NO_SYMLINKS);
  struct stat facts;
  if (fd < 0) return -errno;
  int error = fstat(fd, &facts) != 0 || !same_file(&facts, &call->place.object_stat) ? -ESTALE : outcome(ftruncate(fd, length));
  close(fd);
  return error;
}

static int make_times(const struct held_call *call) {
  const struct call_form *form = call->form;
  pid_t tid = (pid_t)call->notice.pid;
  uint64_t at = call->notice.data.args[form->more];
  struct timespec times[2];
  if (at == 0) return outcome(utimensat(call->object, "", NULL, AT_EMPTY_PATH));
  if (strcmp(form->name, "utimensat") == 0) {
    if (caller_read(tid, at, times, sizeof times) != sizeof times) return -EFAULT;
  } else if (strcmp(form->name, "utime") == 0) {
    struct utimbuf whole;
    if (caller_read(tid, at, &whole, sizeof whole) != sizeof whole) return -EFAULT;
    times[0] = (struct timespec){.tv_sec = whole.actime};
    times[1] = (struct timespec){.tv_sec = whole.modtime};
  } else {
    struct timeval parts[2];
    if (caller_read(tid, at, parts, sizeof parts) != sizeof parts) return -EFAULT;
    for (int i = 0; i < 2; i++) {
      if (parts[i].tv_usec < 0 || parts[i].tv_usec >= 1000000) return -EINVAL;
      times[i] = (struct timespec){parts[i].tv_sec, parts[i].tv_usec * 1000};
    }
  }
  return outcome(utimensat(call->object, "", times, AT_EMPTY_PATH));
}

static int make_xattr(const struct held_call *call) {
  const __u64 *args = call->notice.data.args;
  pid_t tid = (pid_t)call->notice.pid;
  char name[XATTR_NAME_BYTES], self[32];
  int error = caller_text(tid, args[1], name, sizeof name);
  if (error != 0) return error == -ENAMETOOLONG ? -ERANGE : error;
  if (strncmp(name, "user.", 5) != 0) return -EPERM; /* it was another one when it was looked at */
  self_path(call->object, self);
  if (call->form->shape == CALL_REMOVE_XATTR) return outcome(removexattr(self, name));
  size_t size = (size_t)args[3];
  if (size > XATTR_VALUE_BYTES) return -E2BIG;
  char *value = malloc(size + 1);
  if (value == NULL) return -ENOMEM;
  error = size > 0 && caller_read(tid, args[2], value, size) != (ssize_t)size ? -EFAULT
                                                                             : outcome(setxattr(self, name, value, size, (int)args[4]));
  free(value);
  return error;
}

static int make_chmod(const struct held_call *call) {
  char self[32];
  self_path(call->object, self);
  return outcome(chmod(self, call->mode & 01777));
}

static int make(const struct held_call *call) {
  const char *name = call->place.name;
  const __u64 *args = call->notice.data.args;
  switch (call->form->shape) {
    case CALL_OPEN:
    case CALL_CREAT:
    case CALL_OPENAT2:
      return make_open(call);
    case CALL_MKDIR:
      return outcome(mkdirat(call->host, name, call->mode & 01777));
    case CALL_MKNOD:
      return outcome(mknodat(call->host, name, call->mode & (S_IFMT | 01777), 0));
    case CALL_UNLINK:
      return outcome(unlinkat(call->host, name, (int)call->flags & AT_REMOVEDIR));
    case CALL_RMDIR:
      return outcome(unlinkat(call->host, name, AT_REMOVEDIR));
    case CALL_RENAME:
      return outcome((int)syscall(SYS_renameat2, call->host, name, call->host2, call->place2.name, (unsigned)call->flags));
    case CALL_LINK:
      return outcome(linkat(call->host, name, call->host2, call->place2.name, 0));
    case CALL_SYMLINK:
      return outcome(symlinkat(call->raw2, call->host, name));
    case CALL_TRUNCATE:
      return make_truncate(call);
    case CALL_CHMOD:
      return make_chmod(call);
    case CALL_CHOWN:
      return outcome(fchownat(call->object, "", (uid_t)args[call->form->more], (gid_t)args[call->form->more + 1], AT_EMPTY_PATH));
    case CALL_TIMES:
      return make_times(call);
    case CALL_SET_XATTR:
    case CALL_REMOVE_XATTR:
      return make_xattr(call);
  }
  return -EPERM;
}

bool call_make(struct held_call *call) {
  struct caller_status status;
  uint64_t id = call->notice.id;
  if (!caller_status((pid_t)call->notice.pid, &status) || !notice_waits(id)) return true;
  if (!unchanged(call)) return false;
  umask(status.umask);
  int result = make(call);
  umask(077);
  if (result == -ESTALE) return false;
  bool opened = call->form->shape <= CALL_OPENAT2 && result >= 0;
  if (!opened) {
    notice_answer(id, result);
    return true;
  }
  notice_give(id, result, (call->flags & O_CLOEXEC) != 0);
  close(result);
  return true;
}
