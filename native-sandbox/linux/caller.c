/* The caller of a held call: what is read from it, and what it is answered. */
#include "held.h"
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>

static int listener = -1;

void caller_begin(int fd) { listener = fd; }

ssize_t caller_read(pid_t tid, uint64_t address, void *out, size_t length) {
  struct iovec ours = {out, length}, theirs = {(void *)(uintptr_t)address, length};
  ssize_t got = process_vm_readv(tid, &ours, 1, &theirs, 1, 0);
  if (got >= 0 || (errno != ENOSYS && errno != EPERM)) return got;
  char name[64];
  snprintf(name, sizeof name, "/proc/%d/mem", tid);
  int fd = open(name, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  got = pread(fd, out, length, (off_t)address);
  close(fd);
  return got;
}

int caller_text(pid_t tid, uint64_t address, char *out, size_t room) {
  size_t got = 0;
  while (got < room) {
    /* Never over the end of a page: the next one may not be there. Short first: most paths are. */
    size_t step = 4096 - ((address + got) & 4095);
    if (got == 0 && step > 256) step = 256;
    if (step > room - got) step = room - got;
    ssize_t read = caller_read(tid, address + got, out + got, step);
    if (read <= 0) return -EFAULT;
    if (memchr(out + got, 0, (size_t)read) != NULL) return 0;
    got += (size_t)read;
  }
  return -ENAMETOOLONG;
}

ssize_t caller_link(pid_t tid, const char *what, char *out, size_t room) {
  char name[64];
  snprintf(name, sizeof name, "/proc/%d/%s", tid, what);
  ssize_t length = readlink(name, out, room - 1);
  if (length >= 0) out[length] = '\0';
  return length;
}

int caller_root(pid_t tid) {
  char name[64];
  snprintf(name, sizeof name, "/proc/%d/root", tid);
  return open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int caller_base(pid_t tid, int folder) {
  char name[64];
  if (folder == AT_FDCWD) snprintf(name, sizeof name, "/proc/%d/cwd", tid);
  else snprintf(name, sizeof name, "/proc/%d/fd/%d", tid, folder);
  return open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int caller_descriptor(pid_t tid, int number) {
  char name[64];
  snprintf(name, sizeof name, "/proc/%d/fd/%d", tid, number);
  return open(name, O_PATH | O_CLOEXEC);
}

static bool read_status(pid_t tid, char text[4096]) {
  char name[64];
  snprintf(name, sizeof name, "/proc/%d/status", tid);
  int fd = open(name, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  ssize_t length = read(fd, text, 4095);
  close(fd);
  if (length <= 0) return false;
  text[length] = '\0';
  return true;
}

/* What stands behind `label`, which begins with a line end: the name of a process, on the first line, has none. */
static const char *status_field(const char *text, const char *label) {
  const char *at = strstr(text, label);
  return at == NULL ? "" : at + strlen(label);
}

bool caller_status(pid_t tid, struct caller_status *out) {
  char text[4096];
  memset(out, 0, sizeof *out);
  if (!read_status(tid, text)) return false;
  out->umask = (mode_t)strtoul(status_field(text, "\nUmask:"), NULL, 8) & 0777;
  out->pid = (pid_t)strtol(status_field(text, "\nTgid:"), NULL, 10);
  out->parent = (pid_t)strtol(status_field(text, "\nPPid:"), NULL, 10);
  for (const char *at = status_field(text, "\nNSpid:"); *at == '\t' || *at == ' ';) {
    char *end;
    out->inner_pid = (unsigned)strtoul(at, &end, 10);
    out->depth++;
    at = end;
  }
  return out->pid > 0;
}

bool caller_dies(pid_t tid) {
  char text[4096];
  if (!read_status(tid, text)) return true;
  unsigned long long waiting = strtoull(status_field(text, "\nSigPnd:"), NULL, 16) |
                               strtoull(status_field(text, "\nShdPnd:"), NULL, 16);
  return (waiting & (1ULL << (SIGKILL - 1))) != 0;
}

void notice_answer(uint64_t id, int error) {
  struct seccomp_notif_resp answer = {.id = id, .error = error};
  /* ENOENT: the caller is gone. */
  (void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
}

void notice_continue(uint64_t id) {
  struct seccomp_notif_resp answer = {.id = id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
  (void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
}

bool notice_waits(uint64_t id) { return ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0; }

void notice_give(uint64_t id, int fd, bool close_on_exec) {
  struct seccomp_notif_addfd give = {
      .id = id,
      .flags = SECCOMP_ADDFD_FLAG_SEND,
      .srcfd = (uint32_t)fd,
      .newfd_flags = close_on_exec ? O_CLOEXEC : 0,
  };
  if (ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &give) >= 0) return;
  if (errno == EINVAL) { /* before Linux 5.14: two steps */
    give.flags = 0;
    int given = ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &give);
    if (given >= 0) {
      struct seccomp_notif_resp answer = {.id = id, .val = given};
      (void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
      return;
    }
  }
  /* Its own limit of open files. */
  notice_answer(id, errno == EMFILE || errno == ENFILE ? -errno : -EACCES);
}
