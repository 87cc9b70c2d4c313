/*
 * overlay: gives one program a view in which chosen folders are throwaway copies. On the host, before bwrap.
 *
 *   launcher --overlay [folder ROOT UPPER WORK | file COPY PATH]... -- PROGRAM [ARG...]
 *
 * `folder`: ROOT is covered by a kernel overlay of itself; what is written lands in UPPER. WORK is the overlay's own
 * scratch folder beside it. `file`: PATH is covered by COPY. Then PROGRAM (bwrap) builds its boundary on that view.
 * The real folders stay underneath, where nothing inside can lift the cover: the mounts belong to this namespace, and
 * the command can neither unmount nor get a namespace of its own.
 *
 * Folders are handed to the overlay as /proc/self/fd/N: a path of any bytes needs no escaping, and the folder that was
 * opened is the folder that is used. Ends with 126 and one line on descriptor 2 when the view cannot be built.
 */
#include "launcher.h"
#include "rehearsal.h"
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

enum { MAX_COVERS = 64 };

struct cover { const char *root; int lower, upper, work; };

static int cannot(const char *what, const char *path) {
  int error = errno;
  fprintf(stderr, "launcher: a throwaway copy cannot be made: %s %s: %s\n", what, path, strerror(error));
  return EXIT_REFUSED;
}

static bool write_file(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  ssize_t length = (ssize_t)strlen(text);
  bool done = write(fd, text, (size_t)length) == length;
  close(fd);
  return done;
}

/* Root of the machine needs no user namespace, and so keeps the owners of all files. Everybody else maps only itself:
   a file of somebody else cannot be copied then, and the command is told EOVERFLOW. */
static bool own_namespaces(void) {
  uid_t uid = geteuid();
  gid_t gid = getegid();
  if (uid == 0 && unshare(CLONE_NEWNS) == 0) return true;
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
  char map[64];
  if (!write_file("/proc/self/setgroups", "deny")) return false;
  snprintf(map, sizeof map, "%lu %lu 1\n", (unsigned long)gid, (unsigned long)gid);
  if (!write_file("/proc/self/gid_map", map)) return false;
  snprintf(map, sizeof map, "%lu %lu 1\n", (unsigned long)uid, (unsigned long)uid);
  return write_file("/proc/self/uid_map", map);
}

static int open_folder(const char *path) {
  return open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static bool cover_folder(const struct cover *cover) {
  char options[256];
  snprintf(options, sizeof options,
    "userxattr,lowerdir=/proc/self/fd/%d,upperdir=/proc/self/fd/%d,workdir=/proc/self/fd/%d",
    cover->lower, cover->upper, cover->work);
  return mount("rehearsal", cover->root, "overlay", MS_NODEV | MS_NOSUID, options) == 0;
}

static bool cover_file(const char *copy, const char *path) {
  struct stat facts;
  if (lstat(path, &facts) != 0) return false;
  if (!S_ISREG(facts.st_mode)) { errno = EINVAL; return false; }
  return mount(copy, path, NULL, MS_BIND, NULL) == 0;
}

/* Reads the arguments before anything happens. Returns where `--` stands, 0 for a use it does not know. */
static int plan_end(int argc, char **argv) {
  int at = 2, covers = 0;
  while (at < argc && strcmp(argv[at], "--") != 0) {
    int words = strcmp(argv[at], "folder") == 0 ? 3 : strcmp(argv[at], "file") == 0 ? 2 : 0;
    if (words == 0 || at + words >= argc || ++covers > MAX_COVERS) return 0;
    for (int i = 1; i <= words; i++) if (argv[at + i][0] != '/') return 0;
    at += words + 1;
  }
  return covers > 0 && at + 1 < argc && argv[at + 1][0] != '\0' ? at : 0;
}

int overlay_main(int argc, char **argv) {
  int end = plan_end(argc, argv);
  if (end == 0) return EXIT_USAGE;
  if (!own_namespaces()) return cannot("a mount namespace", "for it");
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) return cannot("mounts of its own below", "/");

  /* Everything is opened before anything is covered: a later path might lead through an earlier cover. */
  struct cover covers[MAX_COVERS];
  size_t count = 0;
  for (int at = 2; at < end; at += strcmp(argv[at], "folder") == 0 ? 4 : 3) {
    if (strcmp(argv[at], "folder") != 0) continue;
    struct cover *cover = &covers[count++];
    cover->root = argv[at + 1];
    if ((cover->lower = open_folder(argv[at + 1])) < 0) return cannot("of", argv[at + 1]);
    if ((cover->upper = open_folder(argv[at + 2])) < 0) return cannot("in", argv[at + 2]);
    if ((cover->work = open_folder(argv[at + 3])) < 0) return cannot("in", argv[at + 3]);
  }
  /* Files first: a copy lies in Gatehouse's own folder, which no folder cover hides. */
  for (int at = 2; at < end; at += strcmp(argv[at], "folder") == 0 ? 4 : 3) {
    if (strcmp(argv[at], "file") == 0 && !cover_file(argv[at + 1], argv[at + 2])) return cannot("of", argv[at + 2]);
  }
  for (size_t i = 0; i < count; i++) if (!cover_folder(&covers[i])) return cannot("of", covers[i].root);

  /* The folder this process stands in may be one that is covered now. */
  if (chdir("/") != 0) return cannot("in", "/");
  execv(argv[end + 1], argv + end + 1);
  cannot("for", argv[end + 1]);
  return EXIT_MISSING;
}
