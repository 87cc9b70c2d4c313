/*
 * probe.c: attempts that a boundary must stop, made for real.
 *
 *   launcher --probe KIND TARGET [KIND TARGET ...]
 *
 * Prints one line for each, in order: "probe KIND opened" or "probe KIND stopped ERRNO WORDS". The host makes the
 * same attempts outside, where they must work, and compares. Nothing is left behind: files have no name or are
 * removed at once, and what could change this process for good is tried in a child.
 *
 * A boundary that holds file calls would ask about these too. So each but `held` carries the mark with which a
 * caller takes the kernel's own answer: here the kernel is what is looked at.
 */
#include "launcher.h"

#include <arpa/inet.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "probe.h"

/* What an attempt came to: 0 it worked, otherwise the errno that stopped it. */
typedef int attempt(const char *target);

/* The sixth argument says that the kernel, and nobody else, is to answer. */
static int open_unasked(const char *path, int flags, mode_t mode) {
  return (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC | O_NOCTTY, mode, 0, FILTER_SKIP_MAGIC);
}

static int mkdir_unasked(const char *path) {
  return (int)syscall(SYS_mkdirat, AT_FDCWD, path, 0700, 0, 0, FILTER_SKIP_MAGIC);
}

/* A file without a name: nothing to clean up, and nothing for a watcher to see. */
static int write_into(const char *folder) {
  int fd = open_unasked(folder, O_TMPFILE | O_WRONLY, 0600);
  if (fd < 0 && errno != EOPNOTSUPP && errno != EISDIR) return errno;
  if (fd < 0) {
    char name[PATH_MAX];
    int length = snprintf(name, sizeof name, "%s/.gatehouse-probe-%ld", folder, (long)getpid());
    if (length < 0 || (size_t)length >= sizeof name) return ENAMETOOLONG;
    fd = open_unasked(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
    if (fd < 0) return errno;
    unlink(name);
  }
  close(fd);
  return 0;
}

/* A file is opened for writing and not written; a folder is tried as above. */
static int change(const char *path) {
  struct stat info;
  if (lstat(path, &info) != 0) return errno;
  if (S_ISDIR(info.st_mode)) return write_into(path);
  int fd = open_unasked(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK, 0);
  if (fd < 0) return errno;
  close(fd);
  return 0;
}

/* Makes what is not there. A stand-in may be in its place already; then it must not take anything. */
static int create(const char *path) {
  if (mkdir_unasked(path) == 0) {
    rmdir(path);
    return 0;
  }
  return errno == EEXIST ? change(path) : errno;
}

static int read_from(const char *file) {
  int fd = open_unasked(file, O_RDONLY, 0);
  if (fd < 0) return errno;
  char byte;
  ssize_t got = read(fd, &byte, 1);
  int error = errno;
  close(fd);
  if (got == 0) return ENODATA; /* an empty stand-in gives nothing away */
  return got < 0 ? error : 0;
}

/* Connects, and says the word by which the listener tells this attempt from a stranger's. */
static int knock(int family, const struct sockaddr *address, socklen_t size, const char *word, size_t length) {
  int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno;
  int error = connect(fd, address, size) == 0 ? 0 : errno;
  /* What cannot be sent was still reached. */
  if (error == 0) (void)!send(fd, word, length, MSG_NOSIGNAL);
  close(fd);
  return error;
}

/* PORT or PORT/WORD on this machine's own loopback. -1: no such target. */
static int reach_port(const char *target) {
  char *end = NULL;
  errno = 0;
  long port = strtol(target, &end, 10);
  if (end == target || errno != 0 || (*end != '\0' && *end != '/') || port < 1 || port > 65535) return -1;
  const char *word = *end == '/' ? end + 1 : end;
  struct sockaddr_in address;
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_port = htons((uint16_t)port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return knock(AF_INET, (struct sockaddr *)&address, sizeof address, word, strlen(word));
}

/* WORD/ABSOLUTE/PATH of a Unix socket. */
static int reach_socket(const char *target) {
  const char *path = strchr(target, '/');
  struct sockaddr_un address;
  memset(&address, 0, sizeof address);
  address.sun_family = AF_UNIX;
  if (path == NULL || path == target || strlen(path) >= sizeof address.sun_path) return -1;
  strcpy(address.sun_path, path);
  return knock(AF_UNIX, (struct sockaddr *)&address, sizeof address, target, (size_t)(path - target));
}

/* PID/STARTED: the number alone may be somebody else's inside; the time of its start makes it that process. */
static int see_process(const char *target) {
  char *end = NULL;
  long pid = strtol(target, &end, 10);
  if (pid < 1 || *end != '/' || end[1] == '\0') return -1;
  char name[64], text[1024];
  snprintf(name, sizeof name, "/proc/%ld/stat", pid);
  int fd = open_unasked(name, O_RDONLY, 0);
  if (fd < 0) return errno == ENOENT ? ESRCH : errno;
  ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  if (length <= 0) return ESRCH;
  text[length] = '\0';
  /* The name of a program may hold anything, so what follows is counted from its last parenthesis. */
  char *at = strrchr(text, ')');
  for (int field = 2; at != NULL && field < 22; field++) at = strchr(at + 1, ' ');
  size_t wanted = strlen(end + 1);
  bool same = at != NULL && strncmp(at + 1, end + 1, wanted) == 0 && at[1 + wanted] == ' ';
  return same ? 0 : ESRCH;
}

/* Takes the read-only flag off the root. Only ever tried inside: outside it might work, and would last. */
static int remount(const char *path) {
  if (mount(NULL, path, NULL, MS_REMOUNT | MS_BIND, NULL) == 0) return 0;
  int error = errno;
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  struct __user_cap_data_struct caps[_LINUX_CAPABILITY_U32S_3];
  memset(caps, 0, sizeof caps);
  if (syscall(SYS_capget, &header, caps) != 0) return errno;
  return (caps[0].permitted | caps[1].permitted) != 0 ? 0 : error;
}

/* Runs `inner` in a child, whose end says what came of it. */
static int in_child(int (*inner)(void)) {
  pid_t child = fork();
  if (child < 0) return errno;
  if (child == 0) _exit(inner());
  int status = 0;
  if (waitpid(child, &status, 0) != child) return errno;
  return WIFEXITED(status) ? WEXITSTATUS(status) : EPERM; /* killed for it: stopped as well */
}

static int new_namespace(void) { return unshare(CLONE_NEWUSER) == 0 ? 0 : errno; }

/* A parent may look into its own child on every machine that allows tracing at all. */
static int trace_child(void) {
  pid_t child = fork();
  if (child < 0) return errno;
  if (child == 0) {
    pause();
    _exit(0);
  }
  int error = ptrace(PTRACE_ATTACH, child, NULL, NULL) == 0 ? 0 : errno;
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  return error;
}

static int read_keyring(void) {
  return syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0, 0, 0) >= 0 ? 0 : errno;
}

static int enter_namespace(const char *what) { return strcmp(what, "user") == 0 ? in_child(new_namespace) : -1; }

static int call_filtered(const char *what) {
  if (strcmp(what, "ptrace") == 0) return in_child(trace_child);
  if (strcmp(what, "keyctl") == 0) return in_child(read_keyring);
  return -1;
}

/* Without the mark: where calls are held, this one waits for an answer. */
static int write_held(const char *folder) {
  int fd = openat(AT_FDCWD, folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
  if (fd < 0) return errno;
  close(fd);
  return 0;
}

static const struct {
  const char *kind;
  attempt *make;
} attempts[] = {
    {"write", write_into},      {"protected", change},   {"create", create},
    {"read", read_from},        {"connect", reach_port}, {"socket", reach_socket},
    {"process", see_process},   {"remount", remount},    {"namespace", enter_namespace},
    {"filter", call_filtered},  {"held", write_held},
};

static attempt *attempt_of(const char *kind) {
  for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
    if (strcmp(attempts[i].kind, kind) == 0) return attempts[i].make;
  }
  return NULL;
}

int probe_main(int argc, char **argv) {
  if (argc == 0 || argc % 2 != 0) return EXIT_USAGE;
  for (int i = 0; i < argc; i += 2) {
    if (attempt_of(argv[i]) == NULL) return EXIT_USAGE;
  }
  int opened = 0;
  for (int i = 0; i < argc; i += 2) {
    int error = attempt_of(argv[i])(argv[i + 1]);
    if (error < 0) return EXIT_USAGE;
    if (error == 0) {
      opened++;
      printf("probe %s opened\n", argv[i]);
    } else {
      printf("probe %s stopped %d %s\n", argv[i], error, strerror(error));
    }
    /* One that hangs or kills must not take the answers before it along. */
    fflush(stdout);
  }
  return opened == argc / 2 ? 0 : 1;
}
