/*
 * shutdown of one end of a pair of sockets, with the network closed. Programs end the input of a child with it, Node
 * for one, and would wait for ever. The filter cannot tell a pair from another socket; here the socket itself is looked
 * at, and it is this very socket, not a number, that is shut down.
 *
 * An end of a pair has neither a name nor a peer with a name, and nothing else can be connected while the network is
 * closed. So what this gives is what all who hold that end would give by closing it.
 */
#include "held.h"
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

static int take(pid_t process, int number) {
  int fd = -1, handle = (int)syscall(SYS_pidfd_open, process, 0U);
  if (handle < 0) return -1;
  fd = (int)syscall(SYS_pidfd_getfd, handle, number, 0U);
  close(handle);
  return fd;
}

static bool nameless(int fd, int (*name)(int, struct sockaddr *, socklen_t *)) {
  struct sockaddr_un address;
  socklen_t length = sizeof address;
  return name(fd, (struct sockaddr *)&address, &length) == 0 && address.sun_family == AF_UNIX &&
         length == offsetof(struct sockaddr_un, sun_path);
}

static int own_name(int fd, struct sockaddr *out, socklen_t *length) { return getsockname(fd, out, length); }
static int peer_name(int fd, struct sockaddr *out, socklen_t *length) { return getpeername(fd, out, length); }

/* 0 or -errno. What is no pair is answered as the filter alone answers. */
static int shut(const struct seccomp_notif *notice) {
  struct caller_status status;
  int how = (int)notice->data.args[1];
  if (!caller_status((pid_t)notice->pid, &status)) return -ENOTCONN;
  int fd = take(status.pid, (int)notice->data.args[0]);
  if (fd < 0) return -ENOTCONN;
  bool pair = nameless(fd, own_name) && nameless(fd, peer_name) && notice_waits(notice->id);
  int error = pair ? (shutdown(fd, how) == 0 ? 0 : -errno) : -ENOTCONN;
  close(fd);
  return error;
}

bool pair_takes(const struct seccomp_notif *notice, bool blind) {
  if (notice->data.nr != SYS_shutdown) return false;
  notice_answer(notice->id, blind ? -ENOTCONN : shut(notice));
  return true;
}
