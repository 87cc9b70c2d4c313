/*
 * An active mask: a denied place is covered by a file system served here. An open in it waits in the kernel until the
 * question is answered; reads elsewhere cost nothing. Contents pass through this process, so no descriptor of the host
 * enters the run. When this process is gone, everything below the mask fails.
 *
 * Names that are asked for exactly are known to exist, with their size; the content and the list of names are not.
 */
#include "mask.h"
#include <dirent.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/uio.h>

enum { REQUEST_BYTES = 16 * 1024, REPLY_BYTES = 128 * 1024 };

static atomic_int mask_count;

static void reply(const struct mask *mask, uint64_t unique, int error, const void *bytes, size_t length) {
  struct fuse_out_header head = {.error = error, .unique = unique};
  struct iovec parts[2] = {{&head, sizeof head}, {(void *)(uintptr_t)bytes, error != 0 ? 0 : length}};
  head.len = (uint32_t)(sizeof head + parts[1].iov_len);
  /* ENOENT: the caller gave up. */
  ssize_t written = writev(mask->device, parts, 2);
  (void)written;
}

/* An open: handed to the worker, which asks. */
static void hold(struct mask *mask, const struct fuse_in_header *head, const struct fuse_open_in *how) {
  const char *name = node_name(mask, head->nodeid);
  struct held_call *call = NULL;
  struct mask_hold *waiting = NULL;
  if (name == NULL || (how->flags & O_ACCMODE) != O_RDONLY || (how->flags & O_TRUNC)) {
    reply(mask, head->unique, -EROFS, NULL, 0);
    return;
  }
  if ((call = call_new()) == NULL || (waiting = calloc(1, sizeof *waiting)) == NULL) goto refuse;
  *waiting = (struct mask_hold){.mask = mask, .unique = head->unique, .folder = head->opcode == FUSE_OPENDIR};
  waiting->tid = (pid_t)head->pid;
  memcpy(waiting->name, name, strlen(name) + 1);
  call->mask = waiting;
  call->reads = true;
  call->notice.pid = head->pid;
  call->form = form_of(SYS_openat);
  call->flags = waiting->folder ? O_DIRECTORY : 0;
  call->place.object_stat.st_mode = waiting->folder ? S_IFDIR : S_IFREG;
  snprintf(call->path, sizeof call->path, "%s%s%s", mask->path, name[0] == '\0' ? "" : "/", name);
  if (strlen(call->path) >= sizeof call->raw) goto refuse;
  memcpy(call->raw, call->path, strlen(call->path) + 1);
  memcpy(call->place.directory, call->path, strlen(call->path) + 1);
  char *slash = strrchr(call->place.directory, '/');
  slash[slash == call->place.directory ? 1 : 0] = '\0';
  pthread_mutex_lock(&mask->guard);
  waiting->next = mask->holds;
  mask->holds = waiting;
  pthread_mutex_unlock(&mask->guard);
  if (worker_take(call)) return;
  mask_settle(waiting, false);
  call->mask = NULL;
  call_free(call);
  return;
refuse:
  reply(mask, head->unique, -EACCES, NULL, 0);
  free(waiting);
  if (call != NULL) {
    call->mask = NULL;
    call_free(call);
  }
}

bool mask_waits(const struct mask_hold *waiting) {
  pthread_mutex_lock(&waiting->mask->guard);
  bool waits = !waiting->settled;
  pthread_mutex_unlock(&waiting->mask->guard);
  return waits;
}

void mask_settle(struct mask_hold *waiting, bool allow) {
  struct mask *mask = waiting->mask;
  pthread_mutex_lock(&mask->guard);
  for (struct mask_hold **at = &mask->holds; *at != NULL; at = &(*at)->next) {
    if (*at != waiting) continue;
    *at = waiting->next;
    break;
  }
  bool settled = waiting->settled;
  pthread_mutex_unlock(&mask->guard);
  if (!settled) {
    int flags = O_RDONLY | O_NONBLOCK | (waiting->folder ? O_DIRECTORY : 0);
    int fd = allow ? mask_open(mask, waiting->name, flags) : -1;
    struct stat facts;
    bool fits = fd >= 0 && fstat(fd, &facts) == 0 && (waiting->folder ? S_ISDIR(facts.st_mode) : S_ISREG(facts.st_mode));
    struct fuse_open_out opened = {.fh = (uint64_t)fd, .open_flags = waiting->folder ? 0 : FOPEN_DIRECT_IO};
    reply(mask, waiting->unique, fits ? 0 : -EACCES, &opened, sizeof opened);
    if (fd >= 0 && !fits) close(fd);
  }
  free(waiting);
}

/* A signal reached the caller. Only one that ends it takes the question back: others wait with it. */
static void interrupt(struct mask *mask, uint64_t unique) {
  pthread_mutex_lock(&mask->guard);
  for (struct mask_hold *at = mask->holds; at != NULL; at = at->next) {
    if (at->unique != unique || at->settled || !caller_dies(at->tid)) continue;
    at->settled = true;
    reply(mask, unique, -EINTR, NULL, 0);
  }
  pthread_mutex_unlock(&mask->guard);
}

static size_t list_folder(int folder, const struct fuse_read_in *from, char *out) {
  int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = again >= 0 ? fdopendir(again) : NULL;
  size_t length = 0;
  uint64_t at = 0;
  if (dir == NULL) return 0;
  for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
    if (++at <= from->offset) continue;
    size_t name = strlen(entry->d_name), size = FUSE_DIRENT_ALIGN(FUSE_NAME_OFFSET + name);
    if (length + size > from->size || length + size > REPLY_BYTES) break;
    struct fuse_dirent head = {.ino = at, .off = at, .namelen = (uint32_t)name, .type = entry->d_type};
    memset(out + length, 0, size);
    memcpy(out + length, &head, FUSE_NAME_OFFSET);
    memcpy(out + length + FUSE_NAME_OFFSET, entry->d_name, name);
    length += size;
  }
  closedir(dir);
  return length;
}

static void look_up(struct mask *mask, const struct fuse_in_header *head, const char *name) {
  struct fuse_entry_out found;
  memset(&found, 0, sizeof found);
  found.nodeid = node_look_up(mask, head->nodeid, name);
  int error = found.nodeid == 0 ? -ENOENT : mask_facts(mask, found.nodeid, &found.attr);
  /* A name that leads nowhere takes no room. */
  if (error != 0 && found.nodeid != 0) node_forget(mask, found.nodeid, 1);
  reply(mask, head->unique, error, &found, sizeof found);
}

static void read_link(const struct mask *mask, const struct fuse_in_header *head, char *out) {
  const char *name = node_name(mask, head->nodeid);
  int fd = name == NULL ? -1 : mask_open(mask, name, O_PATH);
  ssize_t length = fd < 0 ? -1 : readlinkat(fd, "", out, PATH_MAX);
  if (fd >= 0) close(fd);
  reply(mask, head->unique, length < 0 ? -EINVAL : 0, out, length < 0 ? 0 : (size_t)length);
}

static void begin(const struct mask *mask, const struct fuse_in_header *head, const struct fuse_init_in *in) {
  struct fuse_init_out out;
  memset(&out, 0, sizeof out);
  out.major = FUSE_KERNEL_VERSION;
  out.minor = in->minor < 31 ? in->minor : 31;
  out.max_readahead = 64 * 1024;
  out.max_background = 16;
  out.congestion_threshold = 12;
  out.max_write = 4096;
  reply(mask, head->unique, 0, &out, sizeof out);
}

static void forget_many(struct mask *mask, const struct fuse_batch_forget_in *many, size_t length) {
  const struct fuse_forget_one *one = (const struct fuse_forget_one *)(many + 1);
  for (uint32_t i = 0; i < many->count && (i + 1) * sizeof *one + sizeof *many <= length; i++) {
    node_forget(mask, one[i].nodeid, one[i].nlookup);
  }
}

static bool serve_one(struct mask *mask, const struct fuse_in_header *head, const void *in, size_t length, char *data) {
  switch (head->opcode) {
    case FUSE_INIT:
      begin(mask, head, in);
      return true;
    case FUSE_LOOKUP:
      look_up(mask, head, in);
      return true;
    case FUSE_GETATTR: {
      struct fuse_attr_out out;
      memset(&out, 0, sizeof out);
      int error = mask_facts(mask, head->nodeid, &out.attr);
      reply(mask, head->unique, error, &out, sizeof out);
      return true;
    }
    case FUSE_OPEN:
    case FUSE_OPENDIR:
      hold(mask, head, in);
      return true;
    case FUSE_INTERRUPT:
      interrupt(mask, ((const struct fuse_interrupt_in *)in)->unique);
      return true;
    case FUSE_READ: {
      const struct fuse_read_in *from = in;
      size_t wanted = from->size < REPLY_BYTES ? from->size : REPLY_BYTES;
      ssize_t got = pread((int)from->fh, data, wanted, (off_t)from->offset);
      reply(mask, head->unique, got < 0 ? -errno : 0, data, got < 0 ? 0 : (size_t)got);
      return true;
    }
    case FUSE_READDIR:
      reply(mask, head->unique, 0, data, list_folder((int)((const struct fuse_read_in *)in)->fh, in, data));
      return true;
    case FUSE_READLINK:
      read_link(mask, head, data);
      return true;
    case FUSE_RELEASE:
    case FUSE_RELEASEDIR:
      close((int)((const struct fuse_release_in *)in)->fh);
      reply(mask, head->unique, 0, NULL, 0);
      return true;
    case FUSE_STATFS: {
      struct fuse_statfs_out out;
      memset(&out, 0, sizeof out);
      out.st.bsize = 4096;
      out.st.namelen = NAME_MAX;
      reply(mask, head->unique, 0, &out, sizeof out);
      return true;
    }
    case FUSE_FORGET:
      node_forget(mask, head->nodeid, ((const struct fuse_forget_in *)in)->nlookup);
      return true;
    case FUSE_BATCH_FORGET:
      forget_many(mask, in, length);
      return true;
    case FUSE_DESTROY:
      reply(mask, head->unique, 0, NULL, 0);
      return false;
    default:
      reply(mask, head->unique, -ENOSYS, NULL, 0);
      return true;
  }
}

static void *serve(void *of) {
  struct mask *mask = of;
  char *request = calloc(1, REQUEST_BYTES + 1), *data = malloc(REPLY_BYTES);
  while (request != NULL && data != NULL) {
    ssize_t got = read(mask->device, request, REQUEST_BYTES);
    if (got < 0 && (errno == EINTR || errno == ENOENT || errno == EAGAIN)) continue;
    if (got < (ssize_t)sizeof(struct fuse_in_header)) break;
    request[got] = '\0';
    const struct fuse_in_header *head = (const struct fuse_in_header *)request;
    if (!serve_one(mask, head, head + 1, (size_t)got - sizeof *head, data)) break;
  }
  /* What is below fails from now on. */
  close(mask->device);
  free(request);
  free(data);
  return NULL;
}

int mask_begin(const char *path) {
  if (atomic_fetch_add(&mask_count, 1) >= MASKS_MAX) return -EMFILE;
  struct mask *mask = calloc(1, sizeof *mask);
  struct stat facts;
  pthread_t thread;
  if (mask == NULL) return -ENOMEM;
  int error = 0;
  pthread_mutex_init(&mask->guard, NULL);
  snprintf(mask->path, sizeof mask->path, "%s", path);
  mask->base = open_how(AT_FDCWD, path, O_PATH | O_CLOEXEC, 0, RESOLVE_NO_SYMLINKS);
  if (mask->base < 0 || fstat(mask->base, &facts) != 0) error = -errno;
  mask->folder = error == 0 && S_ISDIR(facts.st_mode);
  mask->device = error != 0 ? -1 : grow_serve(path, mask->folder);
  if (error == 0 && mask->device < 0) error = mask->device;
  if (error == 0) error = -pthread_create(&thread, NULL, serve, mask);
  if (error == 0) {
    pthread_detach(thread);
    return 0;
  }
  if (mask->base >= 0) close(mask->base);
  if (mask->device >= 0) close(mask->device);
  free(mask);
  atomic_fetch_sub(&mask_count, 1);
  return error;
}
