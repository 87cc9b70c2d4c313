/* One held call: where it leads, whether the kernel would refuse it, what was granted already, else a question. */
#include "decide.h"

enum { LOOKS_MAX = 3 };

struct decide_options deciding;

static void pass(struct held_call *call) {
  notice_continue(call->notice.id);
  call_free(call);
}

void decide_refuse(struct held_call *call) {
  if (call->mask != NULL) mask_settle(call->mask, false);
  else notice_answer(call->notice.id, -EACCES);
  call->mask = NULL;
  call_free(call);
}

/* A read: the content comes from a mount that is read-only, so that no write grows from it. */
static void make_read(struct held_call *call) {
  if (call->mask != NULL) {
    mask_settle(call->mask, true);
    call->mask = NULL;
    call_free(call);
    return;
  }
  const char *mask = rules_mask_of(call->path);
  int fd = mask == NULL ? -EACCES : grow_open(mask, call->path);
  if (fd >= 0) {
    if (!(call->flags & O_NONBLOCK)) (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    notice_give(call->notice.id, fd, (call->flags & O_CLOEXEC) != 0);
    close(fd);
  } else {
    notice_answer(call->notice.id, -EACCES);
  }
  call_free(call);
}

void decide_make(struct held_call *call) {
  if (call->reads) make_read(call);
  else if (call_make(call)) call_free(call);
  else decide(call);
}

/* What was said of this read before, else a question. */
static void rule_read(struct held_call *call) {
  call->reads = true;
  enum ruling ruling = rules_ask(call->path, true, false);
  if (ruling == RULING_ALLOW) make_read(call);
  else if (ruling == RULING_DENY) decide_refuse(call);
  else waiting_add(call);
}

/* Resolves one end. 0, -errno or -RESOLVE_UNCLEAR. */
static int find(const struct held_call *call, int8_t folder_at, char *path, bool follow, struct place *out) {
  pid_t tid = (pid_t)call->notice.pid;
  int folder = folder_at < 0 ? AT_FDCWD : (int)call->notice.data.args[folder_at];
  size_t length = strlen(path);
  bool slash = length > 1 && path[length - 1] == '/';
  char whole[PATH_MAX];
  memcpy(whole, path, length + 1);
  while (length > 1 && whole[length - 1] == '/') whole[--length] = '\0';
  int root = caller_root(tid), base = *path == '/' ? dup(root) : caller_base(tid, folder);
  int error = root < 0 || base < 0 ? -ENOENT : place_resolve(root, base, whole, follow || slash, out);
  if (root >= 0) close(root);
  if (base >= 0) close(base);
  if (error != 0 || !slash) return error;
  /* "name/" is a folder, there or to be made. Everything else about it the kernel says best. */
  bool folder_made = out->object < 0 && (call->form->shape == CALL_MKDIR || call->form->shape == CALL_RENAME);
  if (folder_made || (out->object >= 0 && S_ISDIR(out->object_stat.st_mode))) return 0;
  place_free(out);
  return -ENOTDIR;
}

/* A file that may not be read and is not covered yet, as one that came later: covered before anything else. */
static bool is_covered(const struct held_call *call) {
  if (rules_mask_of(call->path) != NULL) return true;
  if (grow_mask(call->path) != 0) return false;
  rules_add_mask(call->path);
  reading_add_inert(call->path);
  return true;
}

/* true: the call was about a file that may not be read, and is taken care of. */
static bool decide_reading(struct held_call *call) {
  bool opens = call->form->shape <= CALL_OPENAT2;
  if (call->place.object < 0 || S_ISDIR(call->place.object_stat.st_mode)) return false;
  if (!reading_denied(call->path, &call->place.object_stat)) return false;
  if (!opens) { /* a new name for it: the mount that covers it is in the way */
    if (is_covered(call)) pass(call);
    else decide_refuse(call);
    return true;
  }
  if (!is_covered(call) || !opens_for_reading(call->form, call->flags) || call->own_rules || (call->flags & O_PATH)) {
    decide_refuse(call);
    return true;
  }
  rule_read(call);
  return true;
}

/* Below an inert mask nothing can be found; what is asked for there is told by its name. */
static bool decide_hidden(struct held_call *call, const char *path) {
  const struct stat none = {0};
  if (rules_mask_of(path) == NULL || !reading_denied(path, &none)) return false;
  if (call->own_rules || !opens_for_reading(call->form, call->flags) || (call->flags & O_PATH)) return false;
  char whole[PATH_MAX];
  snprintf(whole, sizeof whole, "%s", path);
  snprintf(call->path, sizeof call->path, "%s", whole);
  snprintf(call->place.directory, sizeof call->place.directory, "%s", whole);
  *strrchr(call->place.directory, '/') = '\0';
  rule_read(call);
  return true;
}

static bool two_ended(const struct held_call *call) {
  return call->form->shape == CALL_RENAME || call->form->shape == CALL_LINK;
}

/* The same places on the host. false: there is nothing there that a grant could open. */
static bool find_on_host(struct held_call *call) {
  call->host = place_on_host(&call->place);
  if (call->host < 0) return false;
  if (call->place.object >= 0) call->object = object_on_host(&call->place, call->host);
  if (call->place.object >= 0 && call->object < 0) return false;
  if (!two_ended(call)) return true;
  call->host2 = place_on_host(&call->place2);
  if (call->host2 < 0) return false;
  if (call->place2.object < 0) return true;
  int replaced = object_on_host(&call->place2, call->host2);
  if (replaced >= 0) close(replaced);
  return replaced >= 0;
}

/* What the caller's path leads to is known. Would the kernel refuse, and may it be granted? */
static void decide_writing(struct held_call *call) {
  int blocked = call_blocked(call);
  if (blocked < 0) {
    notice_answer(call->notice.id, blocked);
    call_free(call);
    return;
  }
  if (blocked == 0) {
    pass(call);
    return;
  }
  enum ruling first = rules_ask(call->path, false, changes_entry(call->form));
  enum ruling second = two_ended(call) ? rules_ask(call->path2, false, true) : first;
  if (first == RULING_DENY || second == RULING_DENY) decide_refuse(call);
  else if (!find_on_host(call) || !call_possible(call)) pass(call); /* nothing to grant: the kernel's own answer */
  else if (!notice_waits(call->notice.id)) call_free(call);
  else if (first == RULING_ALLOW && second == RULING_ALLOW) decide_make(call);
  else waiting_add(call);
}

void decide(struct held_call *call) {
  struct caller_status status;
  pid_t tid = (pid_t)call->notice.pid;
  call_forget(call);
  call->pid = caller_status(tid, &status) ? status.pid : tid;
  if (call->mask != NULL) {
    rule_read(call);
    return;
  }
  call->reads = false;
  call->path[0] = call->path2[0] = '\0';
  if (++call->looks > LOOKS_MAX) {
    decide_refuse(call);
    return;
  }
  bool watches = deciding.level == HOLD_ALL && reading_watched();
  int descriptor = descriptor_of(call);
  int error = descriptor >= 0 ? descriptor_resolve(call, descriptor, &call->place)
                              : find(call, call->form->folder, call->raw, follows_last(call->form, call->flags), &call->place);
  if (error == 0) place_path(&call->place, call->path);
  if (watches && error == -RESOLVE_UNCLEAR && unclear_leads_on(&call->place)) {
    decide_refuse(call); /* through /proc to a place nobody can name: it might be a denied one */
    return;
  }
  bool missing = error == -ENOENT || (error == 0 && call->place.object < 0);
  if (watches && missing && decide_hidden(call, error == 0 ? call->path : call->place.directory)) return;
  if (watches && error == 0 && (call->form->shape <= CALL_OPENAT2 || two_ended(call)) && decide_reading(call)) return;
  if (error == 0 && two_ended(call)) {
    error = find(call, call->form->folder2, call->raw2, false, &call->place2);
    if (error == 0) place_path(&call->place2, call->path2);
  }
  if (error != 0 || call->own_rules || opens_for_reading(call->form, call->flags)) pass(call);
  else decide_writing(call);
}
