/* Which calls wait: those the kernel refuses only for want of a writable mount, and that we can make exactly. */
#include "held.h"
#include <sys/syscall.h>

enum { SET_ID_BITS = S_ISUID | S_ISGID };

int call_blocked(const struct held_call *call) {
  const struct place *a = &call->place, *b = &call->place2;
  bool there = a->object >= 0;
  switch (call->form->shape) {
    case CALL_OPEN:
    case CALL_CREAT:
    case CALL_OPENAT2:
      if ((call->flags & O_TMPFILE) == O_TMPFILE) return there && S_ISDIR(a->object_stat.st_mode) && a->object_closed;
      if (!there) return (call->flags & O_CREAT) && a->folder_closed;
      if ((call->flags & O_CREAT) && (call->flags & O_EXCL)) return 0;
      return S_ISREG(a->object_stat.st_mode) && a->object_closed && (call->flags & (O_ACCMODE | O_TRUNC)) != 0;
    case CALL_MKDIR:
    case CALL_MKNOD:
    case CALL_SYMLINK:
      return !there && a->folder_closed;
    case CALL_UNLINK:
    case CALL_RMDIR:
      if (!a->folder_closed) return 0;
      return there ? 1 : -ENOENT;
    case CALL_RENAME:
      /* From one mount to another the kernel says EXDEV, and callers copy: that is asked then. */
      if (!there) return a->folder_closed ? -ENOENT : 0;
      if ((call->flags & RENAME_NOREPLACE) && b->object >= 0 && a->folder_closed && b->folder_closed) return -EEXIST;
      return a->folder_closed && b->folder_closed;
    case CALL_LINK:
      return there && b->object < 0 && a->folder_closed && b->folder_closed;
    default:
      return there && a->object_closed;
  }
}

static bool folder_may_change(int folder) { return faccessat(folder, ".", W_OK | X_OK, AT_EACCESS) == 0; }

/* Only what every mapping of users inside and outside means the same by: keep it, or the caller's own. */
static bool own_ids(const struct held_call *call) {
  const struct seccomp_data *data = &call->notice.data;
  uid_t user = (uid_t)data->args[call->form->more];
  gid_t group = (gid_t)data->args[call->form->more + 1];
  return (user == (uid_t)-1 || user == geteuid()) && (group == (gid_t)-1 || group == getegid());
}

static bool owns(const struct held_call *call) { return call->place.object_stat.st_uid == geteuid(); }

static bool object_may_change(const struct held_call *call) {
  return faccessat(call->host, call->place.name, W_OK, AT_EACCESS | AT_SYMLINK_NOFOLLOW) == 0;
}

static bool may_move(const struct held_call *call) {
  if (rules_pin(call->path) || (call->path2[0] != '\0' && rules_pin(call->path2))) return false;
  return folder_may_change(call->host) && (call->host2 < 0 || folder_may_change(call->host2));
}

/* The rights asked for are those of this thread: the caller's user, without any capability. */
bool call_possible(const struct held_call *call) {
  const struct seccomp_data *data = &call->notice.data;
  bool there = call->place.object >= 0;
  switch (call->form->shape) {
    case CALL_OPEN:
    case CALL_CREAT:
    case CALL_OPENAT2:
      if ((call->flags & O_TMPFILE) == O_TMPFILE)
        return !(call->mode & SET_ID_BITS) && call->object >= 0 && folder_may_change(call->object);
      if (there) return object_may_change(call);
      return !(call->mode & SET_ID_BITS) && folder_may_change(call->host);
    case CALL_MKDIR:
      return !(call->mode & SET_ID_BITS) && folder_may_change(call->host);
    case CALL_MKNOD:
      if (call->mode & SET_ID_BITS) return false;
      if ((call->mode & S_IFMT) != 0 && !S_ISREG(call->mode) && !S_ISFIFO(call->mode)) return false;
      return folder_may_change(call->host);
    case CALL_SYMLINK:
      return folder_may_change(call->host);
    case CALL_UNLINK:
    case CALL_RMDIR:
    case CALL_RENAME:
      return may_move(call);
    case CALL_LINK:
      /* What runs as its owner must not get a name in a place that others can reach. */
      return folder_may_change(call->host2) && !(call->place.object_stat.st_mode & SET_ID_BITS) &&
             !rules_pin(call->path) && (!S_ISREG(call->place.object_stat.st_mode) || object_may_change(call) || owns(call));
    case CALL_TRUNCATE:
      return S_ISREG(call->place.object_stat.st_mode) && object_may_change(call);
    case CALL_CHMOD:
      return !(call->mode & SET_ID_BITS) && !S_ISLNK(call->place.object_stat.st_mode) && owns(call);
    case CALL_CHOWN:
      return own_ids(call) && owns(call);
    case CALL_TIMES:
      return owns(call) || object_may_change(call);
    case CALL_SET_XATTR:
    case CALL_REMOVE_XATTR: {
      char name[8];
      pid_t tid = (pid_t)call->notice.pid;
      if (caller_read(tid, data->args[1], name, 5) != 5 || memcmp(name, "user.", 5) != 0) return false;
      return object_may_change(call);
    }
  }
  return false;
}
