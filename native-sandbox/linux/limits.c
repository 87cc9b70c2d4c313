/* Memory, processes and processor time of one run, by a cgroup of its own below a folder that was delegated to us. */
#include "core.h"
#include <poll.h>
#include <sys/stat.h>
#include <time.h>

static char folder[PATH_MAX];
static char missing[256];
static struct { int fd; const char *file, *key, *what, *words; long long seen; } events[] = {
    {-1, "memory.events", "oom_kill ", "memory", "The run used all memory it may have, and a process of it was ended.", 0},
    {-1, "pids.events", "max ", "pids", "The run has as many processes as it may have; no more could be started.", 0},
};
enum { EVENTS = sizeof events / sizeof *events };

static int open_in(const char *dir, const char *file, int flags) {
  char path[PATH_MAX];
  if (snprintf(path, sizeof path, "%s/%s", dir, file) >= (int)sizeof path) return errno = ENAMETOOLONG, -1;
  return open(path, flags | O_NOFOLLOW | O_CLOEXEC);
}

static bool put(const char *dir, const char *file, const char *text) {
  int fd = open_in(dir, file, O_WRONLY);
  bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
  int error = errno;
  if (fd >= 0) close(fd);
  return errno = error, good;
}

/* The number behind `key` at the start of a line of `fd`; 0 when there is none. */
static long long count_of(int fd, const char *key) {
  char text[1024];
  ssize_t length = fd < 0 ? -1 : pread(fd, text, sizeof text - 1, 0);
  if (length < 0) return 0;
  text[length] = '\0';
  for (char *line = text; line != NULL; line = strchr(line, '\n')) {
    if (*line == '\n') line++;
    if (strncmp(line, key, strlen(key)) == 0) return strtoll(line + strlen(key), NULL, 10);
  }
  return 0;
}

static void set(const char *file, const char *value) {
  if (put(folder, file, value)) return;
  size_t used = strlen(missing);
  snprintf(missing + used, sizeof missing - used, "%s%s: %s", used == 0 ? "" : "; ", file, strerror(errno));
}

const char *limits_begin(const struct limits *wanted) {
  char value[64];
  if (wanted->memory_bytes <= 0 && wanted->pids <= 0 && wanted->cpu_percent <= 0) return "";
  if (wanted->cgroup[0] != '/') return "there is no cgroup that was delegated to this user";
  /* Has to be allowed by the folder above; where it is already, or cannot be, the next steps tell. */
  (void)put(wanted->cgroup, "cgroup.subtree_control", "+memory");
  (void)put(wanted->cgroup, "cgroup.subtree_control", "+pids");
  (void)put(wanted->cgroup, "cgroup.subtree_control", "+cpu");
  int length = snprintf(folder, sizeof folder, "%s/gatehouse-run-%d", wanted->cgroup, (int)getpid());
  if (length >= (int)sizeof folder || mkdir(folder, 0755) != 0) {
    snprintf(missing, sizeof missing, "no cgroup could be made: %s", strerror(errno));
    folder[0] = '\0';
    return missing;
  }
  if (wanted->memory_bytes > 0) {
    snprintf(value, sizeof value, "%lld", wanted->memory_bytes);
    set("memory.max", value);
    (void)put(folder, "memory.swap.max", "0"); /* absent without swap accounting */
  }
  if (wanted->pids > 0) {
    snprintf(value, sizeof value, "%lld", wanted->pids > LLONG_MAX - 2 ? LLONG_MAX : wanted->pids + 2); /* and bwrap's own */
    set("pids.max", value);
  }
  if (wanted->cpu_percent > 0 && wanted->cpu_percent <= 1000000) {
    snprintf(value, sizeof value, "%lld 100000", wanted->cpu_percent * 1000);
    set("cpu.max", value);
  }
  for (int i = 0; i < EVENTS; i++) events[i].fd = open_in(folder, events[i].file, O_RDONLY);
  return missing;
}

const char *limits_folder(void) { return folder; }

bool limits_join(void) { return folder[0] == '\0' || put(folder, "cgroup.procs", "0"); }

void limits_descriptors(int out[2]) {
  for (int i = 0; i < EVENTS; i++) out[i] = events[i].fd;
}

void limits_remove(const char *cgroup) {
  enum { TRIES = 100 };
  if (cgroup[0] == '\0') return;
  (void)put(cgroup, "cgroup.kill", "1"); /* before Linux 5.14 there is none; it is empty by then */
  /* Busy until the kernel has let go of the last process. */
  for (int i = 0; i < TRIES && rmdir(cgroup) != 0 && errno == EBUSY; i++)
    nanosleep(&(struct timespec){0, 10 * 1000 * 1000}, NULL);
}

static void say(const char *what, const char *words) {
  struct line line;
  line_begin(&line, "limit");
  line_text(&line, "what", what);
  line_text(&line, "words", words);
  control_send(&line);
}

void limits_look(bool last) {
  for (int i = 0; i < EVENTS; i++) {
    long long count = count_of(events[i].fd, events[i].key);
    if (count > events[i].seen) say(events[i].what, events[i].words);
    events[i].seen = count;
  }
  if (!last || folder[0] == '\0') return;
  int fd = open_in(folder, "cpu.stat", O_RDONLY);
  if (count_of(fd, "nr_throttled ") > 0) say("cpu", "The run was slowed down to the processor time it may have.");
  if (fd >= 0) close(fd);
}
