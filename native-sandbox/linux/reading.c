/*
 * Which files may not be read although the kernel would let them: those a pattern names that came after the start,
 * and other names (hard links) of masked files. Asked from two threads.
 */
#include "held.h"
#include <dirent.h>
#include <fnmatch.h>
#include <pthread.h>

enum { INODES_MAX = 4096, STEPS_MAX = 20000, ENTRIES_MAX = 20000 };

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static struct strings folders, patterns, inert;
static struct { dev_t device; ino_t inode; } inodes[INODES_MAX];
static size_t inode_count;

/* One name against one pattern without a slash; `*` there means a leading dot as well. */
static bool name_matches(const char *pattern, size_t pattern_length, const char *name, size_t name_length) {
  char p[NAME_MAX + 1], n[NAME_MAX + 1];
  if (pattern_length > NAME_MAX || name_length > NAME_MAX) return false;
  memcpy(p, pattern, pattern_length);
  p[pattern_length] = '\0';
  memcpy(n, name, name_length);
  n[name_length] = '\0';
  return fnmatch(p, n, 0) == 0;
}

static bool match(const char *pattern, const char *path, int *steps) {
  /* More work than any honest pattern makes: closed rather than open. */
  if (--*steps < 0) return true;
  size_t in_pattern = strcspn(pattern, "/"), in_path = strcspn(path, "/");
  if (in_pattern == 2 && strncmp(pattern, "**", 2) == 0) {
    if (pattern[2] == '\0') return true;
    if (match(pattern + 3, path, steps)) return true;
    return path[in_path] == '/' && match(pattern, path + in_path + 1, steps);
  }
  if (!name_matches(pattern, in_pattern, path, in_path)) return false;
  if (pattern[in_pattern] == '\0' || path[in_path] == '\0') return pattern[in_pattern] == path[in_path];
  return match(pattern + in_pattern + 1, path + in_path + 1, steps);
}

/* Replaces the first `{a,b}` by each of its parts in turn. */
static bool match_braces(const char *pattern, const char *path, int *steps) {
  const char *open = strchr(pattern, '{'), *close = open != NULL ? strchr(open, '}') : NULL;
  if (close == NULL) return match(pattern, path, steps);
  for (const char *part = open + 1; part <= close && *steps > 0;) {
    char one[PATH_MAX];
    size_t length = strcspn(part, ",}");
    snprintf(one, sizeof one, "%.*s%.*s%s", (int)(open - pattern), pattern, (int)length, part, close + 1);
    if (match_braces(one, path, steps)) return true;
    part += length + 1;
    --*steps;
  }
  return *steps <= 0;
}

bool glob_matches(const char *pattern, const char *path) {
  int steps = STEPS_MAX;
  return match_braces(pattern, path, &steps);
}

static void remember(const struct stat *file) {
  if (inode_count < INODES_MAX) {
    inodes[inode_count].device = file->st_dev;
    inodes[inode_count++].inode = file->st_ino;
  }
}

/* Of a masked folder only files with a second name count: the mask covers the first. Bounded by ENTRIES_MAX. */
static void remember_below(int folder, int depth, int *entries) {
  DIR *dir = fdopendir(folder);
  if (dir == NULL) {
    close(folder);
    return;
  }
  struct stat facts;
  for (struct dirent *entry; --*entries > 0 && (entry = readdir(dir)) != NULL;) {
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
  if (S_ISREG(facts.st_mode)) remember(&facts);
  if (S_ISDIR(facts.st_mode)) {
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int entries = ENTRIES_MAX;
    if (folder >= 0) remember_below(folder, 4, &entries);
  }
  pthread_mutex_unlock(&guard);
}

void reading_add_inert(const char *path) {
  pthread_mutex_lock(&guard);
  strings_add(&inert, path);
  pthread_mutex_unlock(&guard);
}

void reading_begin(const struct strings *masks, const struct strings *globs) {
  for (size_t i = 0; i < masks->count; i++) reading_add_mask(masks->items[i]);
  for (size_t i = 0; i < globs->count; i++) {
    const char *end = strchr(globs->items[i], '\n');
    if (end == NULL) continue;
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%.*s", (int)(end - globs->items[i]), globs->items[i]);
    strings_add(&folders, folder);
    strings_add(&patterns, end + 1);
  }
}

bool reading_watched(void) {
  pthread_mutex_lock(&guard);
  bool watched = folders.count > 0 || inode_count > 0 || inert.count > 0;
  pthread_mutex_unlock(&guard);
  return watched;
}

bool reading_denied(const char *path, const struct stat *file) {
  bool denied = false;
  pthread_mutex_lock(&guard);
  for (size_t i = 0; i < inode_count && !denied; i++) {
    denied = inodes[i].device == file->st_dev && inodes[i].inode == file->st_ino;
  }
  for (size_t i = 0; i < inert.count && !denied; i++) denied = is_below(inert.items[i], path);
  for (size_t i = 0; i < folders.count && !denied; i++) {
    size_t length = strlen(folders.items[i]);
    if (!is_below(folders.items[i], path) || path[length] == '\0') continue;
    denied = glob_matches(patterns.items[i], path + length + (length > 1 ? 1 : 0));
  }
  pthread_mutex_unlock(&guard);
  return denied;
}
