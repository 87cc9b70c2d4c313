/* The worker's side of the broker, which is started on first use: most commands never ask for anything. */
#include "broker.h"
#include <linux/nsfs.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { BROKER_WAIT_S = 10 };

static pid_t inside;
static pid_t broker;
static int channel = -1;

/* The namespaces of the run: its mounts, and the user namespace that owns them. */
static bool open_namespaces(int *user, int *mounts) {
  char name[64];
  snprintf(name, sizeof name, "/proc/%d/ns/mnt", inside);
  *mounts = open(name, O_RDONLY | O_CLOEXEC);
  *user = *mounts < 0 ? -1 : ioctl(*mounts, NS_GET_USERNS);
  if (*user >= 0) return true;
  if (*mounts >= 0) close(*mounts);
  return false;
}

const char *grow_begin(pid_t inner) {
  int user, mounts;
  uid_t owner = (uid_t)-1;
  inside = inner;
  if (!open_namespaces(&user, &mounts)) return "the mounts of the run cannot be reached from outside";
  bool known = ioctl(user, NS_GET_OWNER_UID, &owner) == 0;
  close(user);
  close(mounts);
  if (!known || owner != geteuid()) return "the mounts of the run belong to another user";
  return NULL;
}

static void broker_forget(void) {
  if (channel < 0) return;
  close(channel);
  channel = -1;
  kill(broker, SIGKILL);
  waitpid(broker, NULL, 0);
}

static int broker_start(void) {
  int user, mounts, pair[2];
  if (!open_namespaces(&user, &mounts)) return -ESRCH;
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
    int error = -errno;
    close(user);
    close(mounts);
    return error;
  }
  int wide = 2 * (int)sizeof(struct broker_request);
  (void)setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &wide, sizeof wide);
  struct timeval limit = {.tv_sec = BROKER_WAIT_S};
  (void)setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  pid_t supervisor = getpid();
  broker = fork();
  if (broker == 0) {
    /* Three descriptors are kept; the control channel and the listener are nothing for this process. */
    int keep[3] = {pair[1], user, mounts};
    for (int i = 0; i < 3; i++) keep[i] = fcntl(keep[i], F_DUPFD_CLOEXEC, 200 + 10 * i);
    for (int i = 0; i < 3; i++) {
      if (dup3(keep[i], 3 + i, O_CLOEXEC) < 0) _exit(EXIT_REFUSED);
    }
    if (syscall(SYS_close_range, 6U, ~0U, 0U) != 0) _exit(EXIT_REFUSED);
    broker_run(3, 4, 5, supervisor);
  }
  int error = broker < 0 ? -errno : -EPIPE, none;
  close(pair[1]);
  close(user);
  close(mounts);
  channel = pair[0];
  if (broker > 0 && broker_receive(channel, &error, sizeof error, &none) != sizeof error) error = -EPIPE;
  if (error == 0) return 0;
  if (broker > 0) broker_forget();
  else {
    close(channel);
    channel = -1;
  }
  return error;
}

/* Sends the request and waits. A broker that is gone or hangs is given up; the next request starts another one. */
static int ask(struct broker_request *request, int descriptor, int *made) {
  int error = channel < 0 ? broker_start() : 0, got = -1;
  if (error != 0) return error;
  size_t length = offsetof(struct broker_request, text) + request->length;
  if (!broker_send(channel, request, length, descriptor) ||
      broker_receive(channel, &error, sizeof error, &got) != sizeof error) {
    broker_forget();
    return -EPIPE;
  }
  if (made != NULL) *made = got;
  else if (got >= 0) close(got);
  return error;
}

static bool put(struct broker_request *request, const char *path) {
  size_t length = strlen(path) + 1;
  if (request->length + length > BROKER_TEXT - 2) return false;
  memcpy(request->text + request->length, path, length);
  request->length += (uint32_t)length;
  return true;
}

static struct broker_request *request_for(enum broker_work kind, const char *first, const char *second) {
  static struct broker_request request;
  request.work = kind;
  request.folder = false;
  request.length = 0;
  bool fits = (first == NULL || put(&request, first)) && (second == NULL || put(&request, second));
  return fits ? &request : NULL;
}

static int ask_for(enum broker_work kind, const char *first, const char *second) {
  struct broker_request *request = request_for(kind, first, second);
  return request == NULL ? -ENAMETOOLONG : ask(request, -1, NULL);
}

int grow_folder(int folder, const char *path) {
  struct strings below = {0};
  struct broker_request *request = request_for(BROKER_GROW, NULL, NULL);
  rules_places_below(path, &below);
  int error = 0;
  for (size_t i = 0; i < below.count && error == 0; i++) error = put(request, below.items[i]) ? 0 : -E2BIG;
  strings_free(&below);
  if (request->length == 0) {
    request->text[0] = '\0';
    request->length = 1;
  }
  return error != 0 ? error : ask(request, folder, NULL);
}

int grow_drop(const char *path) { return ask_for(BROKER_DROP, path, NULL); }
int grow_mask(const char *path) { return ask_for(BROKER_MASK, path, NULL); }
int grow_unmask(const char *path) { return ask_for(BROKER_UNMASK, path, path); }

int grow_open(const char *mask, const char *path) {
  struct broker_request *request = request_for(BROKER_OPEN, mask, path);
  int made = -1, error = request == NULL ? -ENAMETOOLONG : ask(request, -1, &made);
  return error != 0 ? error : made >= 0 ? made : -EIO;
}

int grow_serve(const char *path, bool folder) {
  struct broker_request *request = request_for(BROKER_SERVE, path, NULL);
  int made = -1;
  if (request == NULL) return -ENAMETOOLONG;
  request->folder = folder;
  int error = ask(request, -1, &made);
  return error != 0 ? error : made >= 0 ? made : -EIO;
}
