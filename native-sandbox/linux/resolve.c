/* Walks a path as its caller would, name by name through the caller's mounts, and keeps hold of what it found. */
#include "held.h"
#include <linux/magic.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

enum { LINKS_MAX = 40 };

int open_how(int folder, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
  struct open_how how = {.flags = flags, .mode = mode, .resolve = resolve};
  return (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
}

bool same_file(const struct stat *a, const struct stat *b) { return a->st_dev == b->st_dev && a->st_ino == b->st_ino; }

bool has_dot_dot(const char *path) {
  for (const char *at = path; (at = strstr(at, "..")) != NULL; at += 2) {
    if ((at == path || at[-1] == '/') && (at[2] == '/' || at[2] == '\0')) return true;
  }
  return false;
}

bool is_below(const char *folder, const char *path) {
  size_t length = strlen(folder);
  if (length == 0) return false;
  if (strcmp(folder, "/") == 0) return path[0] == '/';
  return strncmp(folder, path, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

void place_begin(struct place *place) {
  memset(place, 0, sizeof *place);
  place->folder = place->object = -1;
}

void place_free(struct place *place) {
  if (place->folder >= 0) close(place->folder);
  if (place->object >= 0) close(place->object);
  place->folder = place->object = -1;
}

bool on_closed_mount(int fd) {
  struct statvfs facts;
  return fstatvfs(fd, &facts) != 0 || (facts.f_flag & ST_RDONLY) != 0;
}

static bool is_proc(int fd) {
  struct statfs facts;
  return fstatfs(fd, &facts) != 0 || facts.f_type == PROC_SUPER_MAGIC;
}

static bool is_same(int a, int b) {
  struct stat x, y;
  return fstat(a, &x) == 0 && fstat(b, &y) == 0 && same_file(&x, &y);
}

static int replace(int *folder, int with) {
  if (with < 0) return -errno;
  close(*folder);
  *folder = with;
  return 0;
}

/* Puts what the link holds in front of what is left of the path. */
static int follow_link(int link, const char *left, char path[PATH_MAX]) {
  char target[PATH_MAX];
  if (is_proc(link)) return -RESOLVE_UNCLEAR;
  ssize_t length = readlinkat(link, "", target, sizeof target - 1);
  if (length <= 0) return -ENOENT;
  target[length] = '\0';
  size_t rest = strlen(left);
  if ((size_t)length + rest + 1 > PATH_MAX) return -ENAMETOOLONG;
  memmove(path + length, left, rest + 1);
  memcpy(path, target, (size_t)length);
  return 0;
}

/* Steps through `path` from *folder. On 0 the last name is in out->name, its object (if any) in out->object. *where
   is the name it came to. */
static int walk(int root, int *folder, char path[PATH_MAX], bool follow, struct place *out, const char **where) {
  int links = 0;
  for (char *at = path;;) {
    at += strspn(at, "/");
    *where = at;
    size_t length = strcspn(at, "/");
    if (length == 0) return -EISDIR;
    if (length > NAME_MAX) return -ENAMETOOLONG;
    char name[NAME_MAX + 1];
    memcpy(name, at, length);
    name[length] = '\0';
    char *left = at + length;
    bool last = left[strspn(left, "/")] == '\0';
    bool dot = strcmp(name, ".") == 0, up = strcmp(name, "..") == 0;
    if ((dot || up) && last) return -EISDIR;
    if (up && !is_same(*folder, root)) {
      int error = replace(folder, openat(*folder, "..", O_PATH | O_DIRECTORY | O_CLOEXEC));
      if (error != 0) return error;
    }
    if (dot || up) {
      at = left;
      continue;
    }
    int found = open_how(*folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0, RESOLVE_NO_MAGICLINKS);
    if (found < 0 && errno != ENOENT) return -errno;
    if (found < 0 && !last) return is_proc(*folder) ? -RESOLVE_UNCLEAR : -ENOENT;
    struct stat facts;
    if (found >= 0 && fstat(found, &facts) != 0) {
      int error = -errno;
      close(found);
      return error;
    }
    if (found >= 0 && S_ISLNK(facts.st_mode) && (!last || follow)) {
      int error = ++links > LINKS_MAX ? -ELOOP : follow_link(found, left, path);
      close(found);
      if (error != 0) return error;
      at = path;
      if (*at == '/') error = replace(folder, openat(root, ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
      if (error != 0) return error;
      continue;
    }
    if (last) {
      memcpy(out->name, name, length + 1);
      out->object = found;
      if (found >= 0) {
        out->object_stat = facts;
        out->object_closed = on_closed_mount(found);
      }
      return 0;
    }
    int error = replace(folder, found);
    if (error != 0) return error;
    if (!S_ISDIR(facts.st_mode)) return -ENOTDIR;
    at = left;
  }
}

/* Where the walk ended, with the names that were left. "" when it cannot be told. */
static void name_missing(int folder, const char *left, char out[PATH_MAX]) {
  char self[64];
  snprintf(self, sizeof self, "/proc/self/fd/%d", folder);
  ssize_t length = readlink(self, out, PATH_MAX - 1);
  out[length > 0 ? length : 0] = '\0';
  if (length <= 0 || (size_t)length + strlen(left) + 2 > PATH_MAX || has_dot_dot(left)) out[0] = '\0';
  else snprintf(out + length, PATH_MAX - (size_t)length, "/%s", left);
}

bool unclear_leads_on(const struct place *place) {
  const char *at = place->directory;
  for (size_t length; (length = strcspn(at, "/")) > 0; at += strspn(at, "/")) {
    const char *next = at + length;
    bool more = next[strspn(next, "/")] != '\0';
    if (length == 2 && strncmp(at, "..", 2) == 0) return true;
    if (more && ((length == 3 && strncmp(at, "cwd", 3) == 0) || (length == 4 && strncmp(at, "root", 4) == 0))) return true;
    /* fd/5 opens again what was opened; fd/5/name does not. */
    if (more && length > 0 && strspn(at, "0123456789") == length && at > place->directory + 2 &&
        strncmp(at - 3, "fd/", 3) == 0) return true;
    at = next;
  }
  return false;
}

int place_resolve(int root, int base, const char *path, bool follow, struct place *out) {
  char left[PATH_MAX];
  place_begin(out);
  size_t length = strlen(path);
  if (length == 0) return -ENOENT;
  if (length >= sizeof left) return -ENAMETOOLONG;
  memcpy(left, path, length + 1);
  int folder = openat(left[0] == '/' ? root : base, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return -errno;
  const char *at = left;
  int error = walk(root, &folder, left, follow, out, &at);
  if (error != 0) {
    if (error == -RESOLVE_UNCLEAR) snprintf(out->directory, sizeof out->directory, "%s", at);
    if (error == -ENOENT) name_missing(folder, at, out->directory);
    close(folder);
    return error;
  }
  out->folder = folder;
  out->folder_closed = on_closed_mount(folder);
  char self[64];
  snprintf(self, sizeof self, "/proc/self/fd/%d", folder);
  ssize_t named = readlink(self, out->directory, sizeof out->directory - 1);
  if (named <= 0 || out->directory[0] != '/' || fstat(folder, &out->folder_stat) != 0) {
    place_free(out);
    return -ENOENT;
  }
  out->directory[named] = '\0';
  return 0;
}

void place_path(const struct place *place, char out[PLACE_BYTES]) {
  snprintf(out, PLACE_BYTES, "%s%s%s", place->directory, strcmp(place->directory, "/") == 0 ? "" : "/", place->name);
}

int place_on_host(const struct place *place) {
  struct stat facts;
  int fd = open_how(AT_FDCWD, place->directory, O_PATH | O_DIRECTORY | O_CLOEXEC, 0, RESOLVE_NO_SYMLINKS);
  if (fd < 0) return -errno;
  /* The very folder the caller reached, not merely one of its name; and one the host itself may change. */
  if (fstat(fd, &facts) == 0 && same_file(&facts, &place->folder_stat) && !on_closed_mount(fd)) return fd;
  close(fd);
  return -EXDEV;
}

int object_on_host(const struct place *place, int folder) {
  struct stat facts;
  int fd = open_how(folder, place->name, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0, 0);
  if (fd < 0) return -errno;
  /* Another one: a mount covers the name inside, such as a mask. Acting below it would go around it. */
  if (fstat(fd, &facts) == 0 && same_file(&facts, &place->object_stat)) return fd;
  close(fd);
  return -EXDEV;
}
