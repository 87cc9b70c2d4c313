/*
 * Who opened a connection: the inode of the client's end, from the table of the run's own network, and then the first
 * process of the run that has it open. A look of some milliseconds, so only when the host asks.
 */
#include "held.h"
#include "relay.h"
#include <arpa/inet.h>
#include <dirent.h>

/* Longer lines of parents are no ordinary run's, and a table with more lines is none of ours. */
enum { PARENTS_MAX = 1024, TABLE_LINES_MAX = 1 << 18, HOLDER_NAME = 96 };

struct search { char wanted[40]; pid_t first; const atomic_bool *ending; };

/* As the kernel prints an address: four bytes as one number. */
static unsigned long inode_in(FILE *table, const char *near, const char *far, const struct flow *flow) {
  char line[512], local[40], remote[40];
  unsigned local_port, remote_port;
  unsigned long inode;
  for (int i = 0; i < TABLE_LINES_MAX && fgets(line, sizeof line, table) != NULL; i++) {
    if (sscanf(line, " %*d: %39[0-9A-F]:%4x %39[0-9A-F]:%4x %*x %*s %*s %*s %*u %*u %lu", local, &local_port, remote,
               &remote_port, &inode) != 5)
      continue;
    if (local_port == ntohs(flow->near.sin_port) && remote_port == ntohs(flow->far.sin_port) &&
        strcmp(local, near) == 0 && strcmp(remote, far) == 0)
      return inode;
  }
  return 0;
}

/* 0: not found. A socket made for IPv6 may speak IPv4 as well, and stands in the other table then. */
static unsigned long inode_of(const struct flow *flow, pid_t first) {
  unsigned long inode = 0;
  for (int six = 0; six < 2 && inode == 0; six++) {
    char name[64], near[40], far[40], before[32] = "";
    snprintf(name, sizeof name, "/proc/%d/net/tcp%s", (int)first, six ? "6" : "");
    if (six) snprintf(before, sizeof before, "%016X%08X", 0, htonl(0xffff));
    snprintf(near, sizeof near, "%s%08X", before, flow->near.sin_addr.s_addr);
    snprintf(far, sizeof far, "%s%08X", before, flow->far.sin_addr.s_addr);
    FILE *table = fopen(name, "re");
    if (table == NULL) continue;
    inode = inode_in(table, near, far, flow);
    fclose(table);
  }
  return inode;
}

static bool leads_to(const char *name, const char *wanted) {
  char target[64];
  ssize_t length = readlink(name, target, sizeof target - 1);
  if (length < 0) return false;
  target[length] = '\0';
  return strcmp(target, wanted) == 0;
}

/* Looks through a folder of descriptors. `holder`: the link that was found. */
static bool folder_holds(const char *folder, const struct search *search, char holder[HOLDER_NAME]) {
  DIR *dir = opendir(folder);
  bool found = false;
  for (struct dirent *entry; dir != NULL && !found && (entry = readdir(dir)) != NULL && !atomic_load(search->ending);) {
    int length = snprintf(holder, HOLDER_NAME, "%s/%s", folder, entry->d_name);
    found = length < HOLDER_NAME && leads_to(holder, search->wanted);
  }
  if (dir != NULL) closedir(dir);
  return found;
}

/* `every`: each thread, as one may have descriptors of its own; else the process as a whole. */
static bool process_holds(pid_t pid, bool every, const struct search *search, char holder[HOLDER_NAME]) {
  char name[64];
  if (!every) {
    snprintf(name, sizeof name, "/proc/%d/fd", (int)pid);
    return folder_holds(name, search, holder);
  }
  snprintf(name, sizeof name, "/proc/%d/task", (int)pid);
  DIR *tasks = opendir(name);
  bool found = false;
  for (struct dirent *entry; tasks != NULL && !found && (entry = readdir(tasks)) != NULL;) {
    char folder[64];
    long tid = strtol(entry->d_name, NULL, 10);
    snprintf(folder, sizeof folder, "/proc/%d/task/%ld/fd", (int)pid, tid);
    found = tid > 0 && folder_holds(folder, search, holder);
  }
  if (tasks != NULL) closedir(tasks);
  return found;
}

static bool is_of_run(pid_t pid, pid_t first) {
  for (int i = 0; i < PARENTS_MAX && pid > 1; i++) {
    if (pid == first) return true;
    pid = parent_of(pid);
  }
  return false;
}

/* -1: nobody. */
static pid_t find_holder(bool every, const struct search *search, char holder[HOLDER_NAME]) {
  DIR *all = opendir("/proc");
  pid_t found = -1;
  for (struct dirent *entry; all != NULL && found < 0 && (entry = readdir(all)) != NULL;) {
    pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
    if (pid > 1 && !atomic_load(search->ending) && is_of_run(pid, search->first) &&
        process_holds(pid, every, search, holder))
      found = pid;
  }
  if (all != NULL) closedir(all);
  return found;
}

static void write_answer(long long number, pid_t pid, const struct strings *argv, const struct strings *chain,
                         struct line *out) {
  char text[PATH_MAX];
  line_begin(out, "who");
  line_number(out, "flow", number);
  line_number(out, "pid", pid);
  line_text(out, "exe", pid > 0 && caller_link(pid, "exe", text, sizeof text) > 0 ? text : "");
  line_text(out, "cwd", pid > 0 && caller_link(pid, "cwd", text, sizeof text) > 0 ? text : "");
  line_list(out, "argv", argv);
  line_list(out, "chain", chain);
}

void who_answer(long long number, const struct flow *flow, pid_t first, pid_t inner, const atomic_bool *ending) {
  struct strings argv = {0}, chain = {0}, none = {0};
  struct search search = {.first = first, .ending = ending};
  char holder[HOLDER_NAME];
  struct line line;
  pid_t pid = -1;
  unsigned long inode = flow == NULL ? 0 : inode_of(flow, first);
  if (inode != 0) {
    snprintf(search.wanted, sizeof search.wanted, "socket:[%lu]", inode);
    pid = find_holder(false, &search, holder);
    if (pid < 0) pid = find_holder(true, &search, holder);
  }
  if (pid > 0) {
    caller_argv(pid, &argv);
    caller_chain(pid, inner, &chain);
  }
  write_answer(number, pid, &argv, &chain, &line);
  /* Another process may have its number by now. */
  bool still = pid > 0 && leads_to(holder, search.wanted);
  if (line.length > LINE_MAX_BYTES - 16 || (pid > 0 && !still)) {
    free(line.bytes);
    write_answer(number, still ? pid : -1, &none, still ? &chain : &none, &line);
  }
  strings_free(&argv);
  strings_free(&chain);
  control_send(&line);
}
