/* Calls for the tests of held file calls: held-probe NAME ARG... prints one `what=ok` or `what=EXXXX` per call. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

#define SKIP_MAGIC 0x67682d736b697021UL

static long tell(const char *what, long result) {
  printf("%s=%s\n", what, result >= 0 ? "ok" : strerrorname_np(errno));
  fflush(stdout);
  return result;
}

static char room[4][4096];
static const char *in(int which, const char *folder, const char *name) {
  snprintf(room[which], sizeof room[which], "%s/%s", folder, name);
  return room[which];
}

static void put(long fd, const char *text) {
  if (fd < 0) return;
  if (write((int)fd, text, strlen(text)) < 0) tell("write", -1);
  close((int)fd);
}

/* Every kind of call once, in an order where each finds what it needs. FOLDER/exist is there. */
static int every_call(const char *d) {
  const struct timespec times[2] = {{1000, 0}, {2000, 0}};
  const struct timeval parts[2] = {{3000, 0}, {4000, 0}};
  const struct utimbuf whole = {5000, 6000};
  put(tell("create", open(in(0, d, "created"), O_CREAT | O_WRONLY | O_EXCL, 0640)), "abc");
  put(tell("creat", creat(in(0, d, "second"), 0600)), "x");
  put(tell("append", open(in(0, d, "exist"), O_WRONLY | O_APPEND)), "+");
  tell("mkdir", mkdir(in(0, d, "d"), 0755));
  tell("mkdir_there", mkdir(in(0, d, "d"), 0755));
  tell("mkdir_below", mkdir(in(0, d, "d/e"), 0755));
  tell("rename", rename(in(0, d, "created"), in(1, d, "renamed")));
  tell("rename_noreplace", syscall(SYS_renameat2, AT_FDCWD, in(0, d, "renamed"), AT_FDCWD, in(1, d, "exist"), 1));
  tell("exchange", syscall(SYS_renameat2, AT_FDCWD, in(0, d, "renamed"), AT_FDCWD, in(1, d, "second"), 2));
  tell("link", link(in(0, d, "renamed"), in(1, d, "hard")));
  tell("symlink", symlink("renamed", in(0, d, "soft")));
  tell("truncate", truncate(in(0, d, "renamed"), 1));
  tell("chmod", chmod(in(0, d, "renamed"), 0600));
  tell("chmod_setuid", chmod(in(0, d, "renamed"), 04755));
  tell("chown_self", chown(in(0, d, "renamed"), getuid(), (gid_t)-1));
  tell("chown_other", chown(in(0, d, "renamed"), getuid() + 1, (gid_t)-1));
  tell("utimensat", utimensat(AT_FDCWD, in(0, d, "renamed"), times, 0));
  tell("utimes", utimes(in(0, d, "second"), parts));
  tell("utime", utime(in(0, d, "exist"), &whole));
  tell("setxattr", setxattr(in(0, d, "renamed"), "user.note", "hello", 5, 0));
  tell("removexattr", removexattr(in(0, d, "renamed"), "user.note"));
  tell("mkfifo", mkfifo(in(0, d, "fifo"), 0600));
  tell("mknod_device", mknod(in(0, d, "device"), S_IFCHR | 0600, 0x103));
  tell("create_setuid", open(in(0, d, "setuid"), O_CREAT | O_WRONLY, 04755));
  tell("unlink_link", unlink(in(0, d, "soft")));
  tell("unlink_none", unlink(in(0, d, "nothing")));
  tell("rmdir", rmdir(in(0, d, "d/e")));
  tell("unlink", unlink(in(0, d, "hard")));
  tell("open_none", open(in(0, d, "nothing"), O_WRONLY));
  tell("unnamed", open(d, O_TMPFILE | O_RDWR, 0600));
  return 0;
}

/* Calls on descriptors that are older than any answer. FOLDER/exist, FOLDER/gone and FOLDER/.git/config are there. */
static int by_descriptor(const char *d) {
  const struct timespec times[2] = {{1000, 0}, {2000, 0}};
  char self[64], above[4096];
  int pipes[2], folder = open(d, O_RDONLY | O_DIRECTORY), file = open(in(0, d, "exist"), O_RDONLY);
  int gone = open(in(0, d, "gone"), O_RDONLY), config = open(in(0, d, ".git/config"), O_RDONLY);
  int path_only = openat(folder, "exist", O_PATH | O_NOFOLLOW), own = open("own", O_RDWR | O_CREAT, 0600);
  tell("unlink", unlink(in(0, d, "gone")));
  tell("fchmod", fchmod(file, 0640));
  tell("fchown", fchown(file, getuid(), (gid_t)-1));
  tell("futimens", futimens(file, times));
  tell("fsetxattr", fsetxattr(file, "user.note", "hello", 5, 0));
  tell("fremovexattr", fremovexattr(file, "user.note"));
  tell("fchmod_folder", fchmod(folder, 0750));
  tell("fchmodat", fchmodat(folder, "exist", 0600, 0));
  snprintf(self, sizeof self, "/proc/self/fd/%d", path_only);
  tell("chmod_link", chmod(self, 0604));
  tell("fchownat_empty", fchownat(path_only, "", getuid(), (gid_t)-1, AT_EMPTY_PATH));
  tell("mkdirat", mkdirat(folder, "made", 0755));
  tell("setuid", fchmod(file, 04755));
  tell("other", fchown(file, getuid() + 1, (gid_t)-1));
  tell("trusted", fsetxattr(file, "trusted.note", "hello", 5, 0));
  tell("path_only", fchmod(path_only, 0600));
  tell("none", fchmod(999, 0600));
  tell("negative", fchmod(-5, 0600));
  tell("deleted", fchmod(gone, 0600));
  tell("closed", fchmod(config, 0666));
  snprintf(above, sizeof above, "%s/..", d);
  tell("above", fchmod(open(above, O_RDONLY | O_DIRECTORY), 0777));
  tell("own", fchmod(own, 0644));
  tell("pipe", pipe(pipes) == 0 ? fchmod(pipes[0], 0600) : -1);
  return 0;
}

static char *shared;
static const char *first, *second;
static atomic_bool stop;
static void *flip(void *nothing) {
  while (!stop) {
    strcpy(shared, second);
    strcpy(shared, first);
  }
  return nothing;
}

/* Another thread swaps the path while the call is made. */
static int swap_paths(const char *good, const char *bad, int times) {
  int opened = 0, leaked = 0;
  struct stat facts;
  pthread_t thread;
  shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  first = good;
  second = bad;
  strcpy(shared, first);
  pthread_create(&thread, NULL, flip, NULL);
  for (int i = 0; i < times; i++) {
    int fd = open(shared, O_CREAT | O_WRONLY, 0644);
    if (fd >= 0) opened++, close(fd);
    if (stat(bad, &facts) == 0) leaked++;
  }
  stop = true;
  pthread_join(thread, NULL);
  printf("opened=%d leaked=%d\n", opened > 0, leaked);
  return 0;
}

static const char *thread_folder;
static void *create_one(void *number) {
  char path[4096];
  snprintf(path, sizeof path, "%s/t%ld", thread_folder, (long)(intptr_t)number);
  int fd = open(path, O_CREAT | O_WRONLY, 0644);
  put(fd, "x");
  if (fd < 0) printf("refused\n"), fflush(stdout);
  return (void *)(intptr_t)(fd < 0);
}

static int threads(const char *folder, long count) {
  pthread_t all[512];
  pthread_attr_t small;
  long refused = 0;
  thread_folder = folder;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 64 * 1024);
  for (long i = 0; i < count; i++) pthread_create(&all[i], &small, create_one, (void *)(intptr_t)i);
  for (long i = 0; i < count; i++) {
    void *failed;
    pthread_join(all[i], &failed);
    refused += (long)(intptr_t)failed;
  }
  printf("refused=%ld\n", refused);
  return 0;
}

static int bad_pointers(const char *path) {
  size_t length = strlen(path) + 1;
  char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mprotect(page + 4096, 4096, PROT_NONE);
  tell("null", (long)syscall(SYS_mkdirat, AT_FDCWD, (char *)8, 0755));
  memcpy(page + 4096 - length, path, length);
  tell("edge", open(page + 4096 - length, O_CREAT | O_WRONLY, 0644));
  memset(page, 'a', 4096);
  tell("endless", open(page, O_CREAT | O_WRONLY, 0644));
  tell("empty", open("", O_CREAT | O_WRONLY, 0644));
  tell("descriptor", openat(999, "name", O_CREAT | O_WRONLY, 0644));
  tell("how", syscall(437, AT_FDCWD, path, (void *)8, 24));
  return 0;
}

static void on_alarm(int number) { (void)number; }
static int with_signals(const char *path) {
  struct sigaction action = {.sa_handler = on_alarm};
  struct itimerval often = {{0, 20000}, {0, 20000}};
  sigaction(SIGALRM, &action, NULL);
  setitimer(ITIMER_REAL, &often, NULL);
  tell("open", open(path, O_CREAT | O_WRONLY, 0644));
  return 0;
}

/* A granted descriptor must not lead further than its file. */
static int reopen(const char *path, int flags) {
  char self[64];
  int fd = (int)tell("open", open(path, flags, 0644));
  if (fd < 0) return 1;
  char text[64] = "";
  if ((flags & O_ACCMODE) == O_RDONLY && read(fd, text, 63) > 0) printf("content=%s\n", text);
  snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
  tell("again_write", open(self, O_WRONLY));
  tell("fchmod", fchmod(fd, 0777));
  tell("above", openat(fd, "..", O_PATH));
  snprintf(self, sizeof self, "/proc/self/fd/%d/../escaped", fd);
  tell("through", open(self, O_CREAT | O_WRONLY, 0600));
  return 0;
}

static int from_inside(const char *folder) {
  tell("chdir", chdir(folder));
  tell("first", open("first", O_CREAT | O_WRONLY, 0644));
  tell("second", open("second", O_CREAT | O_WRONLY, 0644));
  tell("mkdir", mkdir("below", 0755));
  tell("third", open("below/third", O_CREAT | O_WRONLY, 0644));
  tell("above", open("../beside", O_CREAT | O_WRONLY, 0644));
  return 0;
}

static int many(const char *folder, int count) {
  char path[4096];
  for (int i = 0; i < count; i++) {
    snprintf(path, sizeof path, "%s/m%d", folder, i);
    int fd = open(path, O_CREAT | O_WRONLY, 0644);
    if (fd < 0) return (int)tell("many", -1) != 0;
    close(fd);
  }
  printf("many=ok\n");
  return 0;
}

/* Opens for writing again and again, and says each change of what happens. Ends with its input. */
static int watch(const char *path) {
  int before = -1;
  fcntl(0, F_SETFL, O_NONBLOCK);
  for (char byte;;) {
    int fd = open(path, O_CREAT | O_WRONLY, 0644), now = fd >= 0 ? 0 : errno;
    if (now != before) printf("now=%s\n", now == 0 ? "ok" : strerrorname_np(now)), fflush(stdout);
    before = now;
    if (fd >= 0) close(fd);
    if (read(0, &byte, 1) == 0) return 0;
    usleep(2000);
  }
}

/* What is a pair, and what is none. Both from a thread that is not the first, as the caller's number is a thread's. */
static void *shut_pairs(void *nothing) {
  int pair[2], from[2];
  char byte;
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) != 0) return nothing;
  tell("pair", shutdown(pair[0], SHUT_WR));
  tell("end", read(pair[1], &byte, 1) == 0 ? 0 : -1);
  tell("how", shutdown(pair[0], 7));
  tell("magic", syscall(SYS_shutdown, -1, SHUT_WR, 0, 0, 0, SKIP_MAGIC));
  tell("alone", shutdown(socket(AF_UNIX, SOCK_STREAM, 0), SHUT_WR));
  tell("pipe", pipe(from) == 0 ? shutdown(from[0], SHUT_RD) : 0);
  tell("none", shutdown(-1, SHUT_RD));
  return nothing;
}

static int in_thread(void *(*work)(void *)) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, work, NULL) != 0) return 1;
  pthread_join(thread, NULL);
  return 0;
}

int main(int count, char **word) {
  const char *what = count > 2 ? word[1] : "", *path = count > 2 ? word[2] : "";
  int number = count > 3 ? atoi(word[count - 1]) : 0;
  if (strcmp(what, "every") == 0) return every_call(path);
  if (strcmp(what, "descriptors") == 0) return by_descriptor(path);
  if (strcmp(what, "write") == 0) {
    put(tell("open", open(path, O_CREAT | O_WRONLY | O_TRUNC, 0644)), "data\n");
    return 0;
  }
  if (strcmp(what, "exclusive") == 0) return tell("open", open(path, O_CREAT | O_EXCL | O_WRONLY, 0644)) < 0;
  if (strcmp(what, "swap") == 0) return swap_paths(path, word[3], number);
  if (strcmp(what, "threads") == 0) return threads(path, number);
  if (strcmp(what, "bad") == 0) return bad_pointers(path);
  if (strcmp(what, "signals") == 0) return with_signals(path);
  if (strcmp(what, "reopen") == 0) return reopen(path, O_RDONLY);
  if (strcmp(what, "reopen-write") == 0) return reopen(path, O_WRONLY | O_CREAT);
  if (strcmp(what, "inside") == 0) return from_inside(path);
  if (strcmp(what, "many") == 0) return many(path, number);
  if (strcmp(what, "watch") == 0) return watch(path);
  if (strcmp(what, "rename") == 0) return tell("rename", rename(path, word[3])) < 0;
  if (strcmp(what, "link") == 0) return tell("link", link(path, word[3])) < 0;
  if (strcmp(what, "mkdir") == 0) return tell("mkdir", mkdir(path, 0755)) < 0;
  if (strcmp(what, "pairs") == 0) return in_thread(shut_pairs);
  if (strcmp(what, "undumpable") == 0) {
    prctl(PR_SET_DUMPABLE, 0);
    return tell("open", open(path, O_CREAT | O_WRONLY, 0644)) < 0;
  }
  if (strcmp(what, "skip") == 0)
    return tell("open", syscall(SYS_openat, AT_FDCWD, path, O_CREAT | O_WRONLY, 0644, 0, SKIP_MAGIC)) < 0;
  if (strcmp(what, "folder") == 0) {
    tell("read_write", open(path, O_RDWR));
    tell("create", open(path, O_RDONLY | O_CREAT, 0600));
    tell("both", open(path, O_DIRECTORY | O_CREAT, 0600));
    return 0;
  }
  if (strcmp(what, "unwaited") == 0) { /* a child that nobody waits for: its number stands for it after its end */
    char byte;
    if (fork() == 0) _exit(open(path, O_CREAT | O_WRONLY, 0644) < 0);
    while (read(0, &byte, 1) > 0) {}
    printf("on\n");
    return 0;
  }
  if (strcmp(what, "vfork") == 0) {
    int status;
    pid_t child = vfork();
    if (child == 0) _exit(open(path, O_CREAT | O_WRONLY, 0644) < 0);
    waitpid(child, &status, 0);
    printf("child=%d\n", WEXITSTATUS(status));
    return 0;
  }
  fprintf(stderr, "held-probe: no such probe: %s\n", what);
  return 2;
}
