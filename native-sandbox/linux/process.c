/* Small steps on this process itself: descriptors, signals, environment. */
#include "core.h"
#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>

extern char **environ;

static const char ENV_PREFIX[] = "GHENV_";

static bool close_listed(int first, int keep) {
  DIR *dir = opendir("/proc/self/fd");
  if (dir == NULL) return false;
  for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
    char *end = NULL;
    long fd = strtol(entry->d_name, &end, 10);
    if (*end == '\0' && fd >= first && fd != keep && fd != dirfd(dir)) close((int)fd);
  }
  closedir(dir);
  return true;
}

static bool close_between(unsigned first, unsigned last) {
  return first > last || syscall(SYS_close_range, first, last, 0U) == 0;
}

bool close_from(int first, int keep) {
  if (keep < first) {
    if (close_between((unsigned)first, ~0U)) return true;
  } else if (close_between((unsigned)first, (unsigned)keep - 1) && close_between((unsigned)keep + 1, ~0U)) {
    return true;
  }
  return close_listed(first, keep); /* before Linux 5.9 */
}

void fill_standard(void) {
  for (int fd = 0; fd <= 2; fd++) {
    if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY) != fd) _exit(EXIT_REFUSED);
  }
}

void reset_signals(void) {
  for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The strings stay where the kernel put them. */
void take_environment(void) {
  char **out = environ;
  for (char **in = environ; *in != NULL; in++) {
    if (strncmp(*in, ENV_PREFIX, sizeof ENV_PREFIX - 1) == 0) *out++ = *in + sizeof ENV_PREFIX - 1;
  }
  *out = NULL;
}

pid_t parent_of(pid_t pid) {
  char path[64], text[512];
  snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  if (length <= 0) return -1;
  text[length] = '\0';
  /* The name before the bracket may hold brackets and blanks of its own. */
  const char *rest = strrchr(text, ')');
  int parent = -1;
  if (rest == NULL || sscanf(rest, ") %*c %d", &parent) != 1) return -1;
  return parent;
}

static struct rlimit files_before;
static bool files_raised;

void more_files(void) {
  if (getrlimit(RLIMIT_NOFILE, &files_before) != 0) return;
  const struct rlimit most = {files_before.rlim_max, files_before.rlim_max};
  files_raised = setrlimit(RLIMIT_NOFILE, &most) == 0;
}

void usual_files(void) {
  if (files_raised) (void)setrlimit(RLIMIT_NOFILE, &files_before);
}

int exec_exit_code(int error) { return error == ENOENT ? EXIT_MISSING : EXIT_REFUSED; }
