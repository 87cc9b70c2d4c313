/*
 * The attempts that a shell cannot make. `attempts NAME ARG...` ends with 0 when the attempt worked, and with 1
 * and the reason when it was stopped.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int tell(const char *what, int result) {
  if (result >= 0) return 0;
  printf("%s: %s\n", what, strerror(errno));
  return 1;
}

static int create(const char *path) {
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  return fd < 0 ? -1 : close(fd);
}

/* Makes a mount writable again, then writes into it. */
static int remount(const char *mount_point, const char *file) {
  if (mount("none", mount_point, NULL, MS_REMOUNT | MS_BIND, NULL) != 0) return -1;
  return create(file);
}

static int write_text(const char *path, const char *text) {
  int fd = open(path, O_WRONLY);
  if (fd < 0) return -1;
  ssize_t written = write(fd, text, strlen(text));
  close(fd);
  return written < 0 ? -1 : 0;
}

/* Becomes root of new namespaces, where mounting is allowed again. */
static int new_namespaces(void) {
  char map[64];
  snprintf(map, sizeof map, "0 %d 1", (int)getuid());
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return -1;
  return write_text("/proc/self/uid_map", map);
}

static int connect_unix(const char *name, int abstract) {
  struct sockaddr_un address;
  memset(&address, 0, sizeof address);
  address.sun_family = AF_UNIX;
  size_t length = strlen(name);
  if (length + 2 > sizeof address.sun_path) return -1;
  memcpy(address.sun_path + abstract, name, length);
  socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + 1);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  return fd < 0 ? -1 : connect(fd, (struct sockaddr *)&address, size);
}

static int push_into_terminal(const char *text) {
  for (; *text != '\0'; text++) {
    if (ioctl(STDIN_FILENO, TIOCSTI, text) != 0) return -1;
  }
  return 0;
}

/* Leaves its parent, its group, its session and its terminal, ignores what it can, and stays. */
static int outlive(void) {
  if (fork() != 0) return 0;
  setsid();
  if (fork() != 0) _exit(0);
  signal(SIGTERM, SIG_IGN);
  signal(SIGHUP, SIG_IGN);
  for (int fd = 0; fd < 3; fd++) close(fd);
  for (;;) pause();
}

int main(int argc, char **argv) {
  const char *name = argc > 1 ? argv[1] : "";
  const char *a = argc > 2 ? argv[2] : "";
  const char *b = argc > 3 ? argv[3] : "";
  if (strcmp(name, "remount") == 0) return tell(name, remount(a, b));
  if (strcmp(name, "umount") == 0) return tell(name, umount2(a, MNT_DETACH));
  if (strcmp(name, "namespaces") == 0) return tell(name, new_namespaces());
  if (strcmp(name, "namespaces-remount") == 0) {
    return tell("namespaces", new_namespaces()) || tell("remount", remount(a, b));
  }
  if (strcmp(name, "link") == 0) return tell(name, link(a, b));
  if (strcmp(name, "rename") == 0) return tell(name, rename(a, b));
  if (strcmp(name, "ptrace") == 0) return tell(name, (int)ptrace(PTRACE_SEIZE, atoi(a), NULL, NULL));
  if (strcmp(name, "abstract") == 0) return tell(name, connect_unix(a, 1));
  if (strcmp(name, "unix") == 0) return tell(name, connect_unix(a, 0));
  if (strcmp(name, "tiocsti") == 0) return tell(name, push_into_terminal(a));
  if (strcmp(name, "outlive") == 0) return tell(name, outlive());
  printf("unknown attempt\n");
  return 125;
}
