/*
 * Which files may not be read although the kernel would let them: those a pattern names that came after the start,
 * and other names (hard links) of masked files. Asked from two threads.
 */
#include "glob.h"
#include "held.h"
#include <dirent.h>
#include <pthread.h>

enum { INODES_MAX = 4096, ENTRIES_MAX = 20000, DEPTH_MAX = 16 };

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static struct denied { struct glob glob; char *folder; } *globs;
static size_t glob_count;
static struct strings granted, inert;
static struct { dev_t device; ino_t inode; } inodes[INODES_MAX];
static size_t inode_count;

static void remember(const struct stat *file) {
  if (inode_count == INODES_MAX) return;
  inodes[inode_count].device = file->st_dev;
  inodes[inode_count++].inode = file->st_ino;
}

/* Only files with a second name count: the mask covers the first. What is beyond these bounds is not looked for. */
static void remember_below(int folder, int depth, int *entries) {
  DIR *dir = fdopendir(folder);
  if (dir == NULL) {
    close(folder);
    return;
  }
  struct stat facts;
  for (struct dirent *entry; *entries > 0 && (entry = readdir(dir)) != NULL; --*entries) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    if (fstatat(dirfd(dir), entry->d_name, &facts, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (S_ISREG(facts.st_mode) && facts.st_nlink > 1) remember(&facts);
    if (!S_ISDIR(facts.st_mode) || depth == 0) continue;
    int below = openat(dirfd(dir), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (below >= 0) remember_below(below, depth - 1, entries);
  }
  closedir(dir);
}

void reading_add_mask(const char *path) {
  struct stat facts;
  if (lstat(path, &facts) != 0) return;
  pthread_mutex_lock(&guard);
  if (S_ISREG(facts.st_mode) && facts.st_nlink > 1) remember(&facts);
  if (S_ISDIR(facts.st_mode)) {
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int entries = ENTRIES_MAX;
    if (folder >= 0) remember_below(folder, DEPTH_MAX, &entries);
  }
  pthread_mutex_unlock(&guard);
}

void reading_add_inert(const char *path) {
  pthread_mutex_lock(&guard);
  strings_add(&inert, path);
  pthread_mutex_unlock(&guard);
}

void reading_begin(const struct strings *masks, const struct strings *denied, const struct strings *reads) {
  for (size_t i = 0; i < masks->count; i++) reading_add_mask(masks->items[i]);
  for (size_t i = 0; i < reads->count; i++) strings_add(&granted, reads->items[i]);
  globs = denied->count > 0 ? calloc(denied->count, sizeof *globs) : NULL;
  if (denied->count > 0 && globs == NULL) _exit(EXIT_REFUSED);
  for (size_t i = 0; i < denied->count; i++) {
    const char *text = denied->items[i], *end = strchr(text, '\n');
    struct denied *one = &globs[glob_count++];
    /* Without a folder it cannot be told what it is about: everything. */
    one->folder = end == NULL ? strdup("/") : strndup(text, (size_t)(end - text));
    if (one->folder == NULL) _exit(EXIT_REFUSED);
    glob_read(end == NULL ? "**" : end + 1, &one->glob);
  }
}

void reading_grant(const char *path) {
  pthread_mutex_lock(&guard);
  strings_add(&granted, path);
  pthread_mutex_unlock(&guard);
}

void reading_revoke(const char *path) {
  pthread_mutex_lock(&guard);
  for (size_t i = granted.count; i-- > 0;) {
    if (strcmp(granted.items[i], path) != 0) continue;
    free(granted.items[i]);
    granted.items[i] = granted.items[--granted.count];
  }
  pthread_mutex_unlock(&guard);
}

bool reading_watched(void) {
  pthread_mutex_lock(&guard);
  bool watched = glob_count > 0 || inode_count > 0 || inert.count > 0;
  pthread_mutex_unlock(&guard);
  return watched;
}

static bool names(const struct denied *one, const char *path) {
  size_t length = strlen(one->folder);
  if (!is_below(one->folder, path) || path[length] == '\0') return false;
  return glob_matches(&one->glob, path + length + (length > 1 ? 1 : 0));
}

/* A grant that names exactly what the pattern names is stronger, also for what is below it. One for a folder above
   is not. */
static bool denies(const struct denied *one, const char *path) {
  if (!names(one, path)) return false;
  for (size_t i = 0; i < granted.count; i++) {
    if (is_below(granted.items[i], path) && names(one, granted.items[i])) return false;
  }
  return true;
}

static bool pattern_denies(const char *path) {
  for (size_t i = 0; i < glob_count; i++) {
    if (denies(&globs[i], path)) return true;
  }
  return false;
}

bool reading_named(const char *path) {
  pthread_mutex_lock(&guard);
  bool named = pattern_denies(path);
  pthread_mutex_unlock(&guard);
  return named;
}

bool reading_denied(const char *path, const struct stat *file) {
  pthread_mutex_lock(&guard);
  bool denied = pattern_denies(path);
  for (size_t i = 0; i < inode_count && !denied; i++) {
    denied = inodes[i].device == file->st_dev && inodes[i].inode == file->st_ino;
  }
  for (size_t i = 0; i < inert.count && !denied; i++) denied = is_below(inert.items[i], path);
  pthread_mutex_unlock(&guard);
  return denied;
}
