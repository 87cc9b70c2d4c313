/*
 * Takes every notification. What is certainly writable goes on at once, in one or two calls; the rest goes to the
 * worker. Going on gives nothing: the kernel looks at its mounts again, whatever the caller changed meanwhile.
 */
#include "held.h"
#include <poll.h>
#include <pthread.h>
#include <sys/ioctl.h>

#ifndef SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP /* Linux 6.6 */
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif

enum { ROOTS_MAX = 512 };

/* Written once each, read by the receiving thread; a dropped one stays and is passed over. */
struct root { char *path; size_t length; int fd; bool grown; atomic_bool dropped; };
static struct root roots[ROOTS_MAX];
static atomic_int root_count;
static atomic_ulong passed;
static atomic_bool watches_reads;
static bool passes_all;
static int listener;

void roots_add(const char *path, int fd, bool grown) {
  int count = atomic_load(&root_count);
  char *own = count < ROOTS_MAX && strcmp(path, "/") != 0 ? strdup(path) : NULL;
  if (own == NULL) { /* without it, calls there take the longer way */
    close(fd);
    return;
  }
  roots[count].path = own;
  roots[count].length = strlen(path);
  roots[count].fd = fd;
  roots[count].grown = grown;
  atomic_store_explicit(&root_count, count + 1, memory_order_release);
}

void roots_drop(const char *path) {
  for (int i = atomic_load(&root_count); i-- > 0;) {
    if (roots[i].grown && strcmp(roots[i].path, path) == 0) atomic_store(&roots[i].dropped, true);
  }
}

void receive_watch_reads(void) { atomic_store(&watches_reads, true); }
unsigned long receive_passed(void) { return atomic_load(&passed); }

/* The path as one text, from the caller's folder. NULL: the kernel will say that there is none. */
static const char *whole_path(pid_t tid, int folder, const char *path, char room[2 * PATH_MAX]) {
  if (*path == '/') return path;
  char what[32] = "cwd";
  if (folder != AT_FDCWD) snprintf(what, sizeof what, "fd/%d", folder);
  ssize_t length = caller_link(tid, what, room, PATH_MAX);
  if (length <= 0 || room[0] != '/') return NULL;
  snprintf(room + length, PATH_MAX, "/%s", path);
  return room;
}

/* The caller's own devices and processes, which lie on mounts of the run. */
static bool in_devices(const char *path) {
  if (strncmp(path, "/proc/", 6) == 0) return true;
  if (strncmp(path, "/dev/", 5) != 0) return false;
  return strcmp(path + 5, "null") == 0 || strcmp(path + 5, "tty") == 0 || strncmp(path + 5, "pts/", 4) == 0;
}

/* Certainly below a writable root, or for the kernel to refuse. false: it takes a closer look. */
static bool goes_on(pid_t tid, int folder, const char *path, bool follow) {
  char room[2 * PATH_MAX];
  if (*path == '\0') return true;
  bool relative = *path != '/';
  const char *whole = whole_path(tid, folder, path, room);
  if (whole == NULL) return true;
  if (has_dot_dot(whole)) return false;
  if (in_devices(whole)) return true;
  for (int i = atomic_load_explicit(&root_count, memory_order_acquire); i-- > 0;) {
    const struct root *root = &roots[i];
    if (strncmp(whole, root->path, root->length) != 0 || whole[root->length] != '/') continue;
    if (atomic_load_explicit(&root->dropped, memory_order_relaxed)) continue;
    /* Its folder may be the one below the mount that was opened later. */
    if (root->grown && relative) return false;
    const char *below = whole + root->length + strspn(whole + root->length, "/");
    if (*below == '\0') return false;
    uint64_t flags = O_PATH | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW);
    int fd = open_how(root->fd, below, flags, 0, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
    if (fd >= 0) close(fd);
    return fd >= 0 || errno == ENOENT || errno == ENOTDIR;
  }
  return false;
}

/* false: a read that the worker looks at. Only a file that is found and not denied goes on unseen. */
static bool reads_on(struct held_call *call, int8_t folder_at, const char *path, bool follow) {
  pid_t tid = (pid_t)call->notice.pid;
  int folder = folder_at < 0 ? AT_FDCWD : (int)call->notice.data.args[folder_at];
  if (*path == '\0' || strncmp(path, "/proc/", 6) == 0) return *path == '\0';
  int base = *path == '/' ? caller_root(tid) : caller_base(tid, folder);
  if (base < 0) return true;
  /* From a folder: links that begin at the root would begin at the folder. Those take the longer way. */
  uint64_t rules = *path == '/' ? RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS : RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH;
  int fd = open_how(base, path, O_PATH | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW), 0, rules);
  close(base);
  if (fd < 0) return false;
  char self[32], real[PATH_MAX];
  struct stat facts;
  snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(self, real, sizeof real - 1);
  bool plain = false;
  if (length > 0 && fstat(fd, &facts) == 0) {
    real[length] = '\0';
    plain = S_ISDIR(facts.st_mode) || !reading_denied(real, &facts);
  }
  close(fd);
  return plain;
}

static int folder_of(const struct held_call *call, int8_t at) {
  return at < 0 ? AT_FDCWD : (int)call->notice.data.args[at];
}

static void load_flags(struct held_call *call) {
  const struct seccomp_data *data = &call->notice.data;
  const struct call_form *form = call->form;
  /* The kernel takes 32 bits of these. */
  if (form->flags >= 0) call->flags = (uint32_t)data->args[form->flags];
  if (form->mode >= 0) call->mode = (mode_t)data->args[form->mode] & 0177777;
  if (form->shape == CALL_CREAT) call->flags = O_CREAT | O_WRONLY | O_TRUNC;
  if (form->shape != CALL_OPENAT2) return;
  struct open_how how;
  bool known = data->args[3] == sizeof how &&
               caller_read((pid_t)call->notice.pid, data->args[form->more], &how, sizeof how) == sizeof how;
  call->own_rules = !known || how.resolve != 0 || how.mode > 0177777;
  if (!known) return;
  call->flags = how.flags;
  call->mode = (mode_t)how.mode;
}

/* true: the kernel decides at once. */
static bool passes(struct held_call *call) {
  const struct call_form *form = call->form;
  const struct seccomp_data *data = &call->notice.data;
  pid_t tid = (pid_t)call->notice.pid;
  load_flags(call);
  bool nameless = call_nameless(call);
  if (!nameless && caller_text(tid, data->args[form->path], call->raw, sizeof call->raw) != 0) return true;
  bool second = form->path2 >= 0;
  if (second && caller_text(tid, data->args[form->path2], call->raw2, sizeof call->raw2) != 0) return true;
  int descriptor = descriptor_of(call);
  if (descriptor >= 0) return descriptor_goes_on(tid, descriptor);
  if (nameless) return true;
  bool follow = follows_last(form, call->flags);
  bool names = form->shape <= CALL_OPENAT2 || form->shape == CALL_RENAME || form->shape == CALL_LINK;
  if (names && atomic_load_explicit(&watches_reads, memory_order_relaxed) &&
      !reads_on(call, form->folder, call->raw, follow)) return false;
  if (opens_for_reading(form, call->flags) || call->own_rules) return true;
  if (!goes_on(tid, folder_of(call, form->folder), call->raw, follow)) return false;
  if (form->shape != CALL_RENAME && form->shape != CALL_LINK) return true;
  return goes_on(tid, folder_of(call, form->folder2), call->raw2, false);
}

/* Waits until something is there. false: nobody with this filter is left. */
static bool waits(void) {
  struct pollfd poller = {.fd = listener, .events = POLLIN};
  while (poll(&poller, 1, -1) < 0 && errno == EINTR) {}
  return (poller.revents & POLLIN) != 0 || !(poller.revents & (POLLHUP | POLLERR | POLLNVAL));
}

static void *receive(void *nothing) {
  struct held_call *call = NULL;
  (void)nothing;
  for (;;) {
    if (call == NULL && (call = call_new()) == NULL) _exit(EXIT_REFUSED);
    memset(&call->notice, 0, sizeof call->notice);
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call->notice) != 0) {
      if (errno == EINTR) continue;
      /* ENOENT: that caller died, or nobody is left. Asking again for the latter would never end. */
      if (errno != ENOENT || !waits()) break;
      continue;
    }
    if (pair_takes(&call->notice, passes_all)) continue;
    call->form = form_of(call->notice.data.nr);
    if (passes_all || call->form == NULL || passes(call)) {
      notice_continue(call->notice.id);
      atomic_fetch_add_explicit(&passed, 1, memory_order_relaxed);
      call_clear(call);
    } else if (worker_take(call)) {
      call = NULL;
    } else {
      notice_answer(call->notice.id, -EACCES);
      call_clear(call);
    }
  }
  call_free(call);
  return NULL;
}

int receive_begin(const struct held_options *options, int from, bool pass_all) {
  pthread_t thread;
  listener = from;
  passes_all = pass_all;
  (void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
  int root = caller_root(options->inner);
  for (size_t i = 0; root >= 0 && i < options->roots.count; i++) {
    const char *path = options->roots.items[i];
    int fd = open_how(root, path, O_PATH | O_DIRECTORY | O_CLOEXEC, 0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
    if (fd >= 0) roots_add(path, fd, false);
  }
  if (root >= 0) close(root);
  int error = pthread_create(&thread, NULL, receive, NULL);
  if (error == 0) pthread_detach(thread);
  return -error;
}
