/*
 * upper: lists what a rehearsal wrote, from the upper folder of its overlay. On the host, after the run.
 *
 *   launcher --upper FOLDER
 *
 * One record per entry, folders before what is in them, to descriptor 1:
 *   KIND MODE SIZE\0PATH\0TARGET\0
 * KIND: f file, d folder, D folder that hides what was there, l link, w deleted, o anything else. MODE is octal, PATH is relative and
 * may hold any byte but NUL, TARGET is a link's and else empty. The last record is `. 0 0\0\0\0`; without it the list
 * is not whole. Links are never followed. What its owner could not read is made readable after its mode was told, so
 * that it can be shown and removed; the folder is a throwaway.
 */
#include "launcher.h"
#include "rehearsal.h"
#include <dirent.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

enum { MAX_DEPTH = 256, MAX_ENTRIES = 500 * 1000 };

static size_t entries;

static int cannot_list(const char *path) {
  fprintf(stderr, "launcher: %s cannot be read: %s\n", path, strerror(errno));
  return EXIT_REFUSED;
}

/* By descriptor of the folder, so a name that became a link meanwhile is not followed. */
static bool has_mark(int folder, const char *name, const char *mark, const char *value) {
  char path[64 + NAME_MAX], got[8];
  snprintf(path, sizeof path, "/proc/self/fd/%d/%s", folder, name);
  ssize_t length = lgetxattr(path, mark, got, sizeof got);
  if (length < 0) return false;
  return value == NULL || ((size_t)length == strlen(value) && memcmp(got, value, (size_t)length) == 0);
}

static char kind_of(int folder, const char *name, const struct stat *facts) {
  if (S_ISCHR(facts->st_mode) && facts->st_rdev == makedev(0, 0)) return 'w';
  if (S_ISLNK(facts->st_mode)) return 'l';
  if (S_ISDIR(facts->st_mode)) return has_mark(folder, name, "user.overlay.opaque", "y") ? 'D' : 'd';
  if (!S_ISREG(facts->st_mode)) return 'o';
  if (has_mark(folder, name, "user.overlay.whiteout", NULL)) return 'w';
  /* Its content stayed below. Overlays of ours are made without this; if one has it, it is not guessed at. */
  return has_mark(folder, name, "user.overlay.metacopy", NULL) ? 'o' : 'f';
}

static void tell(char kind, const struct stat *facts, const char *path, const char *target) {
  printf("%c %o %lld", kind, facts->st_mode & 07777, (long long)facts->st_size);
  putchar('\0');
  fputs(path, stdout);
  putchar('\0');
  fputs(target, stdout);
  putchar('\0');
}

static int list(int folder, char *path, size_t length, int depth);

static int list_one(int folder, char *path, size_t length, const char *name, int depth) {
  size_t added = strlen(name), at = length;
  if (length + added + 2 > PATH_MAX * 4 || ++entries > MAX_ENTRIES) { errno = EFBIG; return cannot_list(path); }
  if (length > 0) path[at++] = '/';
  memcpy(path + at, name, added + 1);

  struct stat facts;
  if (fstatat(folder, name, &facts, AT_SYMLINK_NOFOLLOW) != 0) return cannot_list(path);
  char target[PATH_MAX + 1] = "";
  if (S_ISLNK(facts.st_mode)) {
    ssize_t got = readlinkat(folder, name, target, PATH_MAX);
    if (got < 0) return cannot_list(path);
    target[got] = '\0';
  }
  char kind = kind_of(folder, name, &facts);
  tell(kind, &facts, path, target);

  mode_t needed = S_ISDIR(facts.st_mode) ? 0700 : 0400;
  bool opens = (S_ISDIR(facts.st_mode) || S_ISREG(facts.st_mode)) && (facts.st_mode & needed) != needed;
  if (opens && fchmodat(folder, name, (facts.st_mode & 07777) | needed, 0) != 0) return cannot_list(path);
  int result = 0;
  if (S_ISDIR(facts.st_mode)) {
    int inner = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    result = inner < 0 ? cannot_list(path) : list(inner, path, at + added, depth + 1);
  }
  path[length] = '\0';
  return result;
}

/* Takes the descriptor. */
static int list(int folder, char *path, size_t length, int depth) {
  DIR *dir = depth > MAX_DEPTH ? NULL : fdopendir(folder);
  if (dir == NULL) {
    if (depth > MAX_DEPTH) errno = ELOOP;
    int result = cannot_list(path);
    close(folder);
    return result;
  }
  int result = 0;
  errno = 0;
  for (struct dirent *entry; result == 0 && (entry = readdir(dir)) != NULL; errno = 0) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    result = list_one(folder, path, length, entry->d_name, depth);
  }
  if (result == 0 && errno != 0) result = cannot_list(path);
  closedir(dir);
  return result;
}

int upper_main(int argc, char **argv) {
  if (argc != 3 || argv[2][0] != '/') return EXIT_USAGE;
  static char path[PATH_MAX * 4];
  int folder = open(argv[2], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (folder < 0) return cannot_list(argv[2]);
  int result = list(folder, path, 0, 0);
  if (result != 0) return result;
  struct stat none;
  memset(&none, 0, sizeof none);
  tell('.', &none, "", "");
  return fflush(stdout) == 0 ? 0 : cannot_list("the list");
}
