/*
 * Calls that change what a descriptor of the caller leads to: fchmod and its like. A descriptor keeps the mount it was
 * opened through, so one that is older than a grant stays on a read-only mount, and the kernel refuses on it.
 */
#include "held.h"

/* Only these act on a descriptor alone. */
static bool changes_attributes(const struct call_form *form) {
  switch (form->shape) {
    case CALL_CHMOD:
    case CALL_CHOWN:
    case CALL_TIMES:
    case CALL_SET_XATTR:
    case CALL_REMOVE_XATTR:
      return true;
    default:
      return false;
  }
}

bool call_nameless(const struct held_call *call) {
  const struct call_form *form = call->form;
  if (form->path < 0) return true;
  /* With flags the kernel refuses a path that is NULL. */
  return form->shape == CALL_TIMES && form->folder >= 0 && call->flags == 0 && call->notice.data.args[form->path] == 0;
}

/* The number in a link of /proc to one of the caller's own descriptors, as C libraries use it. -1: it is none. */
static int number_in(const char *path) {
  static const char *const folders[] = {"/proc/self/fd/", "/proc/thread-self/fd/"};
  for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
    size_t length = strlen(folders[i]);
    if (strncmp(path, folders[i], length) != 0) continue;
    size_t digits = strspn(path + length, "0123456789");
    return digits > 0 && digits < 10 && path[length + digits] == '\0' ? atoi(path + length) : -1;
  }
  return -1;
}

int descriptor_of(const struct held_call *call) {
  const struct call_form *form = call->form;
  if (!changes_attributes(form)) return -1;
  bool empty = call->raw[0] == '\0' && (call->flags & AT_EMPTY_PATH) && form->folder >= 0;
  if (call_nameless(call) || empty) return (int)call->notice.data.args[form->folder];
  return follows_last(form, call->flags) ? number_in(call->raw) : -1;
}

bool descriptor_goes_on(pid_t tid, int number) {
  int fd = caller_descriptor(tid, number);
  if (fd < 0) return true;
  bool open = !on_closed_mount(fd);
  close(fd);
  return open;
}

/* Opened with O_PATH, or it cannot be told: fchmod and its like answer EBADF. */
static bool is_only_a_path(pid_t tid, int number) {
  char name[64], text[512];
  snprintf(name, sizeof name, "/proc/%d/fdinfo/%d", tid, number);
  int fd = open(name, O_RDONLY | O_CLOEXEC);
  ssize_t length = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
  if (fd >= 0) close(fd);
  text[length > 0 ? length : 0] = '\0';
  const char *flags = strstr(text, "flags:");
  return flags == NULL || (strtoul(flags + strlen("flags:"), NULL, 8) & O_PATH) != 0;
}

/* Splits the name the kernel has for what is behind `fd`. false: it has none, or it is the root. */
static bool name_of(int fd, struct place *out) {
  char self[32], path[PLACE_BYTES];
  snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(self, path, sizeof path - 1);
  if (length <= 1 || path[0] != '/') return false;
  path[length] = '\0';
  char *slash = strrchr(path, '/');
  size_t name = strlen(slash + 1), directory = slash == path ? 1 : (size_t)(slash - path);
  if (name == 0 || name > NAME_MAX || directory >= sizeof out->directory) return false;
  memcpy(out->name, slash + 1, name + 1);
  memcpy(out->directory, path, directory);
  out->directory[directory] = '\0';
  return true;
}

/* The name must lead to the same object through the caller's mounts of now: a file that is gone, or that a mask
   covers by now, is nothing to grant. */
static bool find_folder(pid_t tid, struct place *out) {
  int root = caller_root(tid);
  struct stat named;
  if (root < 0) return false;
  uint64_t rules = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS;
  out->folder = open_how(root, out->directory, O_PATH | O_DIRECTORY | O_CLOEXEC, 0, rules);
  close(root);
  if (out->folder < 0 || fstat(out->folder, &out->folder_stat) != 0) return false;
  out->folder_closed = on_closed_mount(out->folder);
  int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT;
  return fstatat(out->folder, out->name, &named, flags) == 0 && same_file(&named, &out->object_stat);
}

int descriptor_resolve(const struct held_call *call, int number, struct place *out) {
  pid_t tid = (pid_t)call->notice.pid;
  place_begin(out);
  if (call_nameless(call) && is_only_a_path(tid, number)) return -EBADF;
  out->object = caller_descriptor(tid, number);
  if (out->object < 0) return -EBADF;
  bool plain = fstat(out->object, &out->object_stat) == 0 &&
               (S_ISREG(out->object_stat.st_mode) || S_ISDIR(out->object_stat.st_mode));
  out->object_closed = on_closed_mount(out->object);
  if (plain && name_of(out->object, out) && find_folder(tid, out)) return 0;
  place_free(out);
  return -ESTALE;
}
