/*
 * The broker: a process in the run's user and mount namespaces, but with the host's process numbers, so that the run
 * can neither see nor signal it. Its capabilities hold in there only. It is the one thing that changes mounts, and it
 * acts on descriptors it is given. It ends with the supervisor.
 */
#include "broker.h"
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>

bool broker_send(int socket, const void *bytes, size_t length, int descriptor) {
  struct iovec part = {(void *)(uintptr_t)bytes, length};
  union { char room[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; } control;
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  memset(&control, 0, sizeof control);
  if (descriptor >= 0) {
    message.msg_control = control.room;
    message.msg_controllen = sizeof control.room;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    *header = (struct cmsghdr){CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
    memcpy(CMSG_DATA(header), &descriptor, sizeof(int));
  }
  ssize_t sent;
  do sent = sendmsg(socket, &message, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent == (ssize_t)length;
}

ssize_t broker_receive(int socket, void *bytes, size_t length, int *descriptor) {
  struct iovec part = {bytes, length};
  union { char room[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; } control;
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.room};
  message.msg_controllen = sizeof control.room;
  *descriptor = -1;
  ssize_t got;
  do got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  while (got < 0 && errno == EINTR);
  if (got < 0) return -1;
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (header != NULL && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
    memcpy(descriptor, CMSG_DATA(header), sizeof(int));
  }
  return got;
}

int clone_tree(int fd, bool recursive) {
  unsigned flags = AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (recursive ? AT_RECURSIVE : 0);
  int tree = (int)syscall(SYS_open_tree, fd, "", flags);
  return tree < 0 ? -errno : tree;
}

int set_mount(int fd, uint64_t set, uint64_t clear, bool recursive) {
  struct mount_attr change = {.attr_set = set, .attr_clr = clear};
  unsigned flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
  return syscall(SYS_mount_setattr, fd, "", flags, &change, sizeof change) == 0 ? 0 : -errno;
}

int attach_tree(int tree, int target) {
  unsigned flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
  return syscall(SYS_move_mount, tree, "", target, "", flags) == 0 ? 0 : -errno;
}

static bool is_mount(int fd) {
  struct statx facts;
  return statx(fd, "", AT_EMPTY_PATH, STATX_TYPE, &facts) == 0 && (facts.stx_attributes & STATX_ATTR_MOUNT_ROOT);
}

static bool is_open(int fd) {
  struct statvfs facts;
  return fstatvfs(fd, &facts) == 0 && !(facts.f_flag & ST_RDONLY);
}

/* A place that must stay closed becomes a read-only mount of its own, unless it is one: the folder above is opened
   with everything below it, but each mount keeps its own flags. What cannot be made one keeps the folder closed. */
static int keep_closed(const char *path) {
  int place = open_how(AT_FDCWD, path, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0, RESOLVE_NO_SYMLINKS);
  if (place < 0) return -errno;
  struct stat facts;
  int tree = -1, error = 0;
  if (is_mount(place) && !is_open(place)) goto done;
  error = -ELOOP;
  if (fstat(place, &facts) != 0 || S_ISLNK(facts.st_mode)) goto done;
  error = tree = clone_tree(place, true);
  if (tree < 0) goto done;
  error = set_mount(tree, MOUNT_ATTR_RDONLY, 0, true);
  if (error == 0) error = attach_tree(tree, place);
done:
  if (tree >= 0) close(tree);
  close(place);
  return error;
}

static int grow(int folder, const char *keep, size_t length) {
  for (const char *path = keep; path < keep + length && *path != 0; path += strlen(path) + 1) {
    int error = keep_closed(path);
    if (error != 0) return error;
  }
  int tree = clone_tree(folder, true);
  if (tree < 0) return tree;
  /* The top mount only: those below keep their own flags. */
  int error = set_mount(tree, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, MOUNT_ATTR_RDONLY, false);
  if (error == 0) error = attach_tree(tree, folder);
  close(tree);
  return error;
}

static int work(const struct broker_request *request, int descriptor, int device_folder, int *made) {
  const char *first = request->text, *second = first + strlen(first) + 1;
  switch (request->work) {
    case BROKER_GROW:
      return descriptor < 0 ? -EBADF : grow(descriptor, first, request->length);
    case BROKER_DROP:
      return umount2(first, MNT_DETACH | UMOUNT_NOFOLLOW) == 0 ? 0 : -errno;
    case BROKER_MASK:
      return cover(first);
    case BROKER_UNMASK:
      return uncover(first, second);
    case BROKER_OPEN:
      *made = open_covered(first, second);
      return *made < 0 ? *made : 0;
    case BROKER_SERVE:
      *made = serve_over(first, request->folder, device_folder);
      return *made < 0 ? *made : 0;
  }
  return -EINVAL;
}

static void serve(int socket, int device_folder) {
  static struct broker_request request;
  for (;;) {
    int descriptor, made = -1, error = -EINVAL;
    ssize_t got = broker_receive(socket, &request, sizeof request, &descriptor);
    if (got <= 0) return;
    size_t head = offsetof(struct broker_request, text);
    bool whole = (size_t)got > head && (size_t)got == head + request.length;
    if (whole) {
      memset(request.text + request.length, 0, 2);
      error = work(&request, descriptor, device_folder, &made);
    }
    if (descriptor >= 0) close(descriptor);
    if (!broker_send(socket, &error, sizeof error, made)) return;
    if (made >= 0) close(made);
  }
}

_Noreturn void broker_run(int socket, int user_namespace, int mount_namespace, pid_t supervisor) {
  int error = 0;
  struct stat ours, theirs;
  for (int number = 1; number < NSIG; number++) signal(number, SIG_IGN);
  prctl(PR_SET_NAME, "gatehouse-mount");
  int device_folder = open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fstat(user_namespace, &theirs) != 0 || stat("/proc/self/ns/user", &ours) != 0) error = -errno;
  if (error == 0 && !same_file(&ours, &theirs) && setns(user_namespace, CLONE_NEWUSER) != 0) error = -errno;
  if (error == 0 && setns(mount_namespace, CLONE_NEWNS) != 0) error = -errno;
  /* Joining a user namespace clears it. The end of the socket says the same, should the supervisor be gone by now. */
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != supervisor) _exit(EXIT_REFUSED);
  umask(077);
  if (broker_send(socket, &error, sizeof error, -1) && error == 0) serve(socket, device_folder);
  _exit(0);
}
