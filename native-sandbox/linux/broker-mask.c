/* What covers a place that may not be read, and how one file below it is shown again, read-only. */
#include "broker.h"
#include <linux/mount.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static int open_place(const char *path) {
  int place = open_how(AT_FDCWD, path, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0, RESOLVE_NO_SYMLINKS);
  return place < 0 ? -errno : place;
}

/* A file system with nothing in it, as a tree to attach. */
static int empty_folder(void) {
  int made = -1, system = (int)syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC);
  if (system < 0) return -errno;
  unsigned flags = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
  if (syscall(SYS_fsconfig, system, FSCONFIG_SET_STRING, "mode", "0500", 0) == 0 &&
      syscall(SYS_fsconfig, system, FSCONFIG_SET_STRING, "size", "4k", 0) == 0 &&
      syscall(SYS_fsconfig, system, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0) {
    made = (int)syscall(SYS_fsmount, system, FSMOUNT_CLOEXEC, flags);
  }
  int error = -errno;
  close(system);
  return made >= 0 ? made : error;
}

/* A device on a mount where devices do not open. */
static int empty_file(void) {
  int device = open("/dev/null", O_PATH | O_CLOEXEC);
  if (device < 0) return -errno;
  int tree = clone_tree(device, false);
  close(device);
  if (tree < 0) return tree;
  int error = set_mount(tree, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID, 0, false);
  if (error == 0) return tree;
  close(tree);
  return error;
}

int cover(const char *path) {
  struct stat facts;
  int place = open_place(path);
  if (place < 0) return place;
  int error = -ELOOP, tree = -1;
  if (fstat(place, &facts) == 0 && !S_ISLNK(facts.st_mode)) {
    tree = S_ISDIR(facts.st_mode) ? empty_folder() : empty_file();
    error = tree < 0 ? tree : attach_tree(tree, place);
  }
  if (tree >= 0) close(tree);
  close(place);
  return error;
}

/* In a private copy of the mounts, all of it read-only and without the mask: the place itself, O_PATH. */
static int reach(const char *mask, const char *path) {
  if (unshare(CLONE_NEWNS) != 0) return -errno;
  if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) return -errno;
  if (umount2(mask, MNT_DETACH | UMOUNT_NOFOLLOW) != 0) return -errno;
  struct mount_attr closed = {.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV};
  if (syscall(SYS_mount_setattr, AT_FDCWD, "/", AT_RECURSIVE, &closed, sizeof closed) != 0) return -errno;
  return open_place(path);
}

/* A descriptor from there: a tree to attach, or a file to read. Whoever opens it again through /proc finds it on a
   read-only mount, so a grant to read never becomes one to write. */
static int fetch(const char *mask, const char *path, bool as_tree) {
  int pair[2], made = -1, error = -EIO;
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) return -errno;
  pid_t child = fork();
  if (child == 0) {
    struct stat facts;
    int place = reach(mask, path), out = -1;
    if (place < 0) error = place;
    else if (as_tree) error = out = clone_tree(place, false);
    else if (fstat(place, &facts) != 0 || !S_ISREG(facts.st_mode)) error = -EACCES;
    else {
      out = open_how(AT_FDCWD, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0, RESOLVE_NO_SYMLINKS);
      error = out < 0 ? -errno : 0;
    }
    if (out >= 0) error = 0;
    broker_send(pair[1], &error, sizeof error, out);
    _exit(0);
  }
  close(pair[1]);
  if (child < 0 || broker_receive(pair[0], &error, sizeof error, &made) != sizeof error) error = -EIO;
  close(pair[0]);
  if (child > 0) waitpid(child, NULL, 0);
  if (error == 0 && made >= 0) return made;
  if (made >= 0) close(made);
  return error != 0 ? error : -EIO;
}

int open_covered(const char *mask, const char *path) { return fetch(mask, path, false); }

int uncover(const char *mask, const char *path) {
  int tree = fetch(mask, path, true);
  if (tree < 0) return tree;
  int place = open_place(path);
  int error = place < 0 ? place : attach_tree(tree, place);
  if (place >= 0) close(place);
  close(tree);
  return error;
}

/* The device must be opened by the namespace that mounts it, so it is done here and handed out. */
int serve_over(const char *path, bool folder, int device_folder) {
  char options[160];
  int device = openat(device_folder, "fuse", O_RDWR | O_CLOEXEC);
  if (device < 0) return -errno;
  snprintf(options, sizeof options, "fd=%d,rootmode=%o,user_id=%u,group_id=%u,allow_other", device,
           folder ? S_IFDIR | 0500U : S_IFREG | 0400U, getuid(), getgid());
  unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY;
  if (mount("gatehouse-mask", path, "fuse", flags, options) == 0) return device;
  int error = -errno;
  close(device);
  return error;
}
