/* What the host says: answers, grants, revocations, new masks. */
#include "decide.h"
#include <sys/statvfs.h>

/* Folders that were opened, also those taken back: a mount below may show again when another one goes. */
static struct strings grown;
static bool masks_serve;

static bool is_granted(const char *folder) { return rules_ask(folder, false, false) == RULING_ALLOW; }

static int open_inside(const char *path, int flags) {
  int root = caller_root(deciding.inner);
  if (root < 0) return -errno;
  int fd = open_how(root, path, (uint64_t)(flags | O_PATH | O_NOFOLLOW | O_CLOEXEC), 0, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
  int error = -errno;
  close(root);
  return fd >= 0 ? fd : error;
}

static bool is_open_inside(const char *path) {
  struct statvfs facts;
  int fd = open_inside(path, 0);
  bool open = fd >= 0 && fstatvfs(fd, &facts) == 0 && !(facts.f_flag & ST_RDONLY);
  if (fd >= 0) close(fd);
  return open;
}

/* Opens what is behind `fd`, named `path`. 0 or -errno; then the rule alone has calls made one by one. */
static int grow(int fd, const char *path) {
  if (!deciding.grows) return -EOPNOTSUPP;
  if (is_open_inside(path)) return 0;
  int error = grow_folder(fd, path);
  if (error != 0) return error;
  strings_add(&grown, path);
  int root = open_inside(path, O_DIRECTORY);
  if (root >= 0) roots_add(path, root, true);
  return 0;
}

/* The folder `path` above the place, as it was found when the question was made. -ESTALE: it has another name now. */
static int pinned(const struct held_call *call, const char *path) {
  char self[32], named[PATH_MAX];
  bool itself = strcmp(path, call->path) == 0;
  int fd = itself ? (call->place.object >= 0 ? dup(call->place.object) : -1) : dup(call->place.folder);
  if (!itself) {
    size_t wanted = strlen(path), length = strlen(call->place.directory);
    while (fd >= 0 && length > wanted) {
      while (length > 0 && call->place.directory[--length] != '/') {}
      int up = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
      close(fd);
      fd = up;
    }
  }
  if (fd < 0) return -ENOENT;
  snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(self, named, sizeof named - 1);
  if (length > 0) named[length] = '\0';
  if (length > 0 && strcmp(named, path) == 0) return fd;
  close(fd);
  return -ESTALE;
}

static bool is_folder(const struct held_call *call) {
  return call->place.object >= 0 && S_ISDIR(call->place.object_stat.st_mode);
}

/* A folder that was just made is the caller's to fill. */
static void make_folder(struct held_call *call) {
  char path[PLACE_BYTES];
  memcpy(path, call->path, sizeof path);
  decide_make(call);
  int fd = open_inside(path, O_DIRECTORY);
  if (fd < 0) return;
  (void)grow(fd, path);
  close(fd);
}

static void allow_path(struct held_call *call) {
  bool folder = call->mask != NULL ? S_ISDIR(call->place.object_stat.st_mode) : is_folder(call);
  bool made = call->form->shape == CALL_MKDIR;
  bool below = (folder && !changes_entry(call->form)) || made;
  int fd = !call->reads && below && !made ? pinned(call, call->path) : -1;
  if (fd == -ESTALE) {
    decide(call); /* the folder that was asked about has another name now */
    return;
  }
  bool kept = rules_add(call->path, below, call->reads, true);
  if (kept && call->path2[0] != '\0') kept = rules_add(call->path2, false, false, true);
  if (!kept) {
    if (fd >= 0) close(fd);
    decide_refuse(call);
    return;
  }
  if (fd >= 0) {
    (void)grow(fd, call->path);
    close(fd);
    decide(call);
  } else if (made) {
    make_folder(call);
  } else {
    decide_make(call);
  }
}

/* Whether the answer may open this folder for this call. */
static bool fits(const struct held_call *call, const char *folder) {
  if (!is_below(folder, call->path) || rules_too_wide(folder) != NULL) return false;
  return strcmp(folder, call->path) != 0 || (call->mask == NULL ? is_folder(call) : S_ISDIR(call->place.object_stat.st_mode));
}

static void allow_directory(struct held_call *call, const char *folder) {
  bool fitting = fits(call, folder);
  int fd = fitting && !call->reads ? pinned(call, folder) : -1;
  if (fd == -ESTALE) {
    decide(call); /* the folder that was asked about has another name now */
    return;
  }
  if (!fitting || !rules_add(folder, true, call->reads, true)) {
    if (fd >= 0) close(fd);
    /* Wider than one answer may be: refused, and the host is told that it was. */
    waiting_say_settled(call->question, "deny");
    decide_refuse(call);
    return;
  }
  if (fd >= 0) {
    (void)grow(fd, folder);
    close(fd);
  }
  decide(call);
}

static void carry_out_answer(const struct order *order) {
  struct held_call *calls = waiting_take(order->id);
  bool ruled = calls != NULL && (order->verdict == VERDICT_PATH || order->verdict == VERDICT_DIRECTORY || order->remember);
  if (calls != NULL && order->remember) ruled = rules_add(calls->path, false, calls->reads, false);
  for (bool first = true; calls != NULL; first = false) {
    struct held_call *call = calls;
    calls = call->next;
    call->next = NULL;
    if (order->verdict == VERDICT_DENY) decide_refuse(call);
    else if (order->verdict == VERDICT_ONCE) decide_make(call);
    else if (!first) decide(call); /* the rule is there now */
    else if (order->verdict == VERDICT_PATH) allow_path(call);
    else allow_directory(call, order->path);
  }
  if (ruled) waiting_settle(order->verdict == VERDICT_DENY ? "deny" : "grant");
}

static int grant_reading(const char *path, bool folder) {
  const char *mask = rules_mask_of(path);
  if (!rules_add(path, folder, true, true)) return -ENOSPC;
  if (masks_serve || deciding.sees_reads) return 0;
  return strcmp(mask, path) == 0 ? grow_unmask(path) : -EOPNOTSUPP;
}

/* What a pattern denies is opened for reading, covered already or not. */
static int grant_named(const char *path, bool folder) {
  reading_grant(path);
  return rules_mask_of(path) != NULL ? grant_reading(path, folder) : 0;
}

static int grant(const struct order *order) {
  struct stat facts;
  memset(&facts, 0, sizeof facts);
  int fd = open_inside(order->path, 0);
  bool folder = fd >= 0 && fstat(fd, &facts) == 0 && S_ISDIR(facts.st_mode);
  int error = 0;
  if ((folder || order->directory) && rules_too_wide(order->path) != NULL) error = -EPERM;
  else if (reading_named(order->path)) error = grant_named(order->path, folder || order->directory);
  else if (rules_mask_of(order->path) != NULL) error = grant_reading(order->path, folder || order->directory);
  else if (order->directory && !folder) error = fd < 0 ? fd : -ENOTDIR;
  else if (!rules_add(order->path, folder, false, true)) error = -ENOSPC;
  else if (fd < 0) error = deciding.level == HOLD_NONE ? fd : 0;
  else if (folder || deciding.level == HOLD_NONE) error = grow(fd, order->path);
  if (fd >= 0) close(fd);
  /* Where calls are held, the rule is enough. */
  bool ruled = rules_ask(order->path, false, false) == RULING_ALLOW;
  return deciding.level != HOLD_NONE && ruled ? 0 : error;
}

/* Takes away a mount of each folder that was opened and is granted no more. The number taken. */
static int drop_once(void) {
  int dropped = 0;
  for (size_t i = 0; i < grown.count; i++) {
    const char *path = grown.items[i];
    if (!is_granted(path) && is_open_inside(path) && grow_drop(path) == 0) dropped++;
  }
  return dropped;
}

/* Several mounts may lie over each other where folders were opened inside each other, and one may show again when
   another goes: until nothing that is not granted stays open. */
static int take_back(const char *path) {
  rules_revoke(path);
  reading_revoke(path);
  roots_drop(path);
  while (drop_once() > 0) continue;
  for (size_t i = 0; i < grown.count; i++) {
    if (!is_granted(grown.items[i]) && is_open_inside(grown.items[i])) return -EBUSY;
  }
  return 0;
}

static int mask(const char *path) {
  if (rules_mask_of(path) != NULL) return 0;
  int error = grow_mask(path);
  if (error != 0) return error;
  rules_add_mask(path);
  if (deciding.level != HOLD_ALL) return 0;
  reading_add_mask(path);
  if (mask_begin(path) != 0) reading_add_inert(path);
  receive_watch_reads();
  return 0;
}

static void say_done(const char *type, const char *path, int error) {
  struct line line;
  line_begin(&line, type);
  line_text(&line, "path", path);
  line_number(&line, "errno", -error);
  held_say(&line);
}

void carry_out(const struct order *order) {
  switch (order->kind) {
    case ORDER_ANSWER:
      carry_out_answer(order);
      return;
    case ORDER_GRANT:
      say_done("granted", order->path, grant(order));
      waiting_settle("grant");
      return;
    case ORDER_REVOKE:
      say_done("revoked", order->path, take_back(order->path));
      return;
    case ORDER_MASK:
      say_done("masked", order->path, mask(order->path));
      return;
  }
}

void carry_out_masks(const struct strings *masks) {
  if (deciding.level != HOLD_ALL) return;
  for (size_t i = 0; i < masks->count; i++) {
    if (access(masks->items[i], F_OK) != 0) continue;
    int error = deciding.grows ? mask_begin(masks->items[i]) : -EPERM;
    if (error != 0) reading_add_inert(masks->items[i]);
    else masks_serve = true;
  }
  if (reading_watched()) receive_watch_reads();
}
