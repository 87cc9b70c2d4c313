/*
 * apply: makes rehearsed changes real. Inside the boundary of the command that was rehearsed, so that it can write
 * where that command could and nowhere else, whatever becomes of the paths meanwhile.
 *
 *   launcher --apply
 *
 * Reads records from descriptor 0, each `VERB MODE SIZE\0PATH\0` and then SIZE bytes; MODE is octal, PATH absolute:
 *   u unlink a file or link    r remove an empty folder    d make a folder (0 bytes)    m set the mode
 *   f write a file with these bytes    l make a link that points to these bytes    . the end
 * Answers `applied COUNT`, or `stopped COUNT PATH: WORDS` at the first step that does not work; what was done before
 * stays. A list without its end applies what came whole and answers `stopped`.
 */
#include "launcher.h"
#include "rehearsal.h"
#include <sys/stat.h>

static char path[PATH_MAX];
static unsigned long applied;

static int stopped(const char *words) {
  printf("stopped %lu %s: %s\n", applied, path, words);
  return 1;
}

/* Reads up to the next NUL. false at the end of input or when it does not fit. */
static bool read_word(char *into, size_t room) {
  for (size_t length = 0; length < room; length++) {
    int byte = getchar();
    if (byte == EOF) return false;
    into[length] = (char)byte;
    if (byte == 0) return true;
  }
  return false;
}

/* A file that is there is written in place: it keeps its owner, and a granted file cannot be replaced. */
static int open_for_writing(mode_t mode) {
  int fd = open(path, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0 && errno == EACCES && unlink(path) != 0) return -1;
  if (fd < 0 && errno != ENOENT && errno != EACCES) return -1;
  if (fd < 0) fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode | 0200);
  struct stat facts;
  if (fd >= 0 && (fstat(fd, &facts) != 0 || !S_ISREG(facts.st_mode))) {
    close(fd);
    errno = EINVAL;
    return -1;
  }
  return fd;
}

static bool write_all(int fd, const char *bytes, size_t length) {
  for (size_t done = 0; done < length;) {
    ssize_t got = write(fd, bytes + done, length - done);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    done += (size_t)got;
  }
  return true;
}

static bool write_bytes(mode_t mode, unsigned long long size) {
  int fd = open_for_writing(mode);
  if (fd < 0) return false;
  static char buffer[64 * 1024];
  bool good = true;
  while (good && size > 0) {
    size_t wanted = size < sizeof buffer ? (size_t)size : sizeof buffer;
    size_t got = fread(buffer, 1, wanted, stdin);
    if (got == 0) { errno = ENODATA; good = false; break; }
    good = write_all(fd, buffer, got);
    size -= got;
  }
  struct stat facts;
  if (good && fstat(fd, &facts) == 0 && (facts.st_mode & 07777) != mode) good = fchmod(fd, mode) == 0;
  if (close(fd) != 0) good = false;
  return good;
}

static bool make_link(unsigned long long size) {
  char target[PATH_MAX];
  if (size == 0 || size >= sizeof target) { errno = ENAMETOOLONG; return false; }
  if (fread(target, 1, (size_t)size, stdin) != size) { errno = ENODATA; return false; }
  target[size] = '\0';
  return symlink(target, path) == 0;
}

static bool make_folder(mode_t mode) {
  struct stat facts;
  if (mkdir(path, 0700) != 0) {
    if (errno != EEXIST || lstat(path, &facts) != 0 || !S_ISDIR(facts.st_mode)) return false;
  }
  return fchmodat(AT_FDCWD, path, mode, 0) == 0;
}

static bool set_mode(mode_t mode) {
  int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return false;
  struct stat facts;
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  bool good = fstat(fd, &facts) == 0 && !S_ISLNK(facts.st_mode) && chmod(link, mode) == 0;
  close(fd);
  return good;
}

static bool step(char verb, mode_t mode, unsigned long long size) {
  switch (verb) {
    case 'u': return unlink(path) == 0;
    case 'r': return rmdir(path) == 0;
    case 'd': return make_folder(mode);
    case 'm': return set_mode(mode);
    case 'f': return write_bytes(mode, size);
    case 'l': return make_link(size);
    default: errno = EINVAL; return false;
  }
}

/* `VERB MODE SIZE`, nothing else. */
static bool read_head(char *verb, mode_t *mode, unsigned long long *size) {
  char head[64], *end = NULL;
  if (!read_word(head, sizeof head) || strchr("urdmfl.", head[0]) == NULL || head[0] == '\0') return false;
  if (head[1] != ' ' || head[2] < '0' || head[2] > '7') return false;
  unsigned long bits = strtoul(head + 2, &end, 8);
  if (*end != ' ' || bits > 07777 || end[1] < '0' || end[1] > '9') return false;
  errno = 0;
  *size = strtoull(end + 1, &end, 10);
  *verb = head[0];
  *mode = (mode_t)bits;
  return *end == '\0' && errno == 0 && (*size == 0 || head[0] == 'f' || head[0] == 'l');
}

int apply_main(int argc) {
  if (argc != 2) return EXIT_USAGE;
  umask(0);
  for (;;) {
    char verb;
    mode_t mode;
    unsigned long long size;
    path[0] = '\0';
    if (!read_head(&verb, &mode, &size) || !read_word(path, sizeof path)) {
      path[0] = '\0';
      return stopped("the list has no end");
    }
    if (verb == '.') break;
    if (path[0] != '/') return stopped("is no absolute path");
    if (!step(verb, mode, size)) return stopped(strerror(errno));
    applied++;
  }
  printf("applied %lu\n", applied);
  return fflush(stdout) == 0 ? 0 : 1;
}
