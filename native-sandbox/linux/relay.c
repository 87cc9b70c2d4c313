/*
 * The thread that joins connections from inside to the proxy. It waits for events, keeps no bytes, starts no process,
 * and holds a bounded number of connections; others wait in the kernel until one of these is over.
 */
#include "relay.h"
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { JOINED_MAX = 1024, EVENTS = 64, AGAIN_MS = 10 };

static const struct relay_options *options;
static pthread_t thread;
static bool begun;
static atomic_bool ending;
static int epoll = -1, asked[2] = {-1, -1};
static struct {
  struct flow *flows, *queue, *over;
  size_t count, max;
  long long last;
  /* A client for whom the proxy had no place yet, or -1. Until it has, no other is taken. */
  int early;
  enum relay_kind early_kind;
  /* Whether new ones are listened for, and whether to try again soon. */
  bool listens, again;
} relay;

/* What an event belongs to: a flow, whose address is even, and one of its ends; or one of the numbers below. */
enum { EVENT_ASKED = 2, EVENT_LISTENER = 4 };

static bool watch(int fd, uint64_t what, uint32_t events) {
  struct epoll_event event = {.events = events, .data.u64 = what};
  return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

/* Before it is closed: a child that is just being forked has it as well, and would keep its events alive. */
static void unwatch(int fd) { (void)epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL); }

static void listen_on(bool wanted) {
  if (relay.listens == wanted) return;
  relay.listens = wanted;
  for (int kind = 0; kind < RELAY_KINDS; kind++) {
    struct epoll_event event = {.events = wanted ? EPOLLIN : 0, .data.u64 = (uint64_t)(EVENT_LISTENER + 2 * kind)};
    (void)epoll_ctl(epoll, EPOLL_CTL_MOD, options->listeners[kind], &event);
  }
}

/* A socket that the proxy will accept, or -1. EAGAIN: it has no place for it yet. */
static int proxy_connect(void) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t length = strlen(options->address);
  memcpy(address.sun_path + 1, options->address, length);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  struct ucred peer = {0, (uid_t)-1, (gid_t)-1};
  socklen_t size = sizeof peer;
  int error = 0;
  if (connect(fd, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length)) != 0)
    error = errno;
  /* Everybody may take an abstract name; only our own user's process is told the token. */
  else if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) error = errno;
  else if (peer.uid != geteuid()) error = EPERM;
  if (error == 0) return fd;
  close(fd);
  return errno = error, -1;
}

static void queue_flow(struct flow *flow) {
  if (flow->queued) return;
  flow->queued = true;
  flow->next_queued = relay.queue;
  relay.queue = flow;
}

/* The memory goes when no event and no queue can name it any more. */
static void drop_flow(struct flow *flow) {
  struct flow **at = &relay.flows;
  while (*at != flow) at = &(*at)->next;
  *at = flow->next;
  flow->next = relay.over;
  relay.over = flow;
  flow->over = true;
  unwatch(flow->client);
  unwatch(flow->proxy);
  flow_close(flow);
  relay.count--;
}

static bool greet(int proxy, long long number, enum relay_kind kind) {
  char line[GREETING_MAX];
  size_t length = greeting_write(line, options->token, number, kind);
  return send(proxy, line, length, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)length;
}

static bool begin_flow(int client, int proxy, enum relay_kind kind) {
  struct flow *flow = calloc(1, sizeof *flow);
  if (flow == NULL) return false;
  int on = 1;
  socklen_t near = sizeof flow->near, far = sizeof flow->far;
  *flow = (struct flow){.client = client, .proxy = proxy, .number = ++relay.last};
  /* Urgent bytes are bytes like others. */
  (void)setsockopt(client, SOL_SOCKET, SO_OOBINLINE, &on, sizeof on);
  (void)setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const uint32_t events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  const uint64_t name = (uint64_t)(uintptr_t)flow;
  if (getpeername(client, (struct sockaddr *)&flow->near, &near) != 0 ||
      getsockname(client, (struct sockaddr *)&flow->far, &far) != 0 || !greet(proxy, flow->number, kind) ||
      !watch(client, name + FLOW_CLIENT, events) || !watch(proxy, name + FLOW_PROXY, events)) {
    unwatch(client);
    free(flow);
    return false;
  }
  flow->next = relay.flows;
  relay.flows = flow;
  relay.count++;
  return true;
}

/* Joins a client, or resets it. false: the proxy has no place yet, and the client waits. */
static bool join(int client, enum relay_kind kind) {
  int proxy = proxy_connect();
  if (proxy < 0 && errno == EAGAIN) return false;
  if (proxy >= 0 && begin_flow(client, proxy, kind)) return true;
  if (proxy >= 0) close(proxy);
  reset_and_close(client);
  return true;
}

static void admit(enum relay_kind kind) {
  while (relay.count < relay.max && relay.early < 0) {
    int client = accept4(options->listeners[kind], NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (client < 0 && (errno == EINTR || errno == ECONNABORTED)) continue;
    if (client < 0) {
      /* Without a descriptor or memory for it: it waits, and is not spun around. */
      if (errno != EAGAIN) relay.again = true;
      return;
    }
    if (join(client, kind)) continue;
    relay.early = client;
    relay.early_kind = kind;
  }
}

static void try_early(void) {
  if (relay.early >= 0 && join(relay.early, relay.early_kind)) relay.early = -1;
}

/* Moves every flow that had more than one turn's worth, once. */
static void next_turn(void) {
  struct flow *flow = relay.queue;
  relay.queue = NULL;
  while (flow != NULL) {
    struct flow *next = flow->next_queued;
    flow->queued = false;
    if (!flow->over) {
      enum flow_state state = flow_move(flow);
      if (state == FLOW_OVER) drop_flow(flow);
      else if (state == FLOW_HAS_MORE) queue_flow(flow);
    }
    flow = next;
  }
  while (relay.over != NULL) {
    flow = relay.over;
    relay.over = flow->next;
    free(flow);
  }
}

static void answer_asked(void) {
  long long number;
  while (!atomic_load(&ending) && read(asked[0], &number, sizeof number) == (ssize_t)sizeof number) {
    const struct flow *flow = relay.flows;
    while (flow != NULL && flow->number != number) flow = flow->next;
    who_answer(number, flow, options->first, options->inner, &ending);
  }
}

static void take_event(const struct epoll_event *event) {
  uint64_t what = event->data.u64;
  if (what == EVENT_ASKED) answer_asked();
  else if (what < EVENT_LISTENER + 2 * RELAY_KINDS) admit((enum relay_kind)((what - EVENT_LISTENER) / 2));
  else {
    struct flow *flow = (struct flow *)(uintptr_t)(what & ~(uint64_t)1); /* NOLINT: an address we gave */
    flow_heard(flow, (enum flow_end)(what & 1), event->events);
    queue_flow(flow);
  }
}

static void *work(void *nothing) {
  struct epoll_event events[EVENTS];
  while (!atomic_load(&ending)) {
    bool waits = relay.early >= 0 || relay.again;
    listen_on(!waits && relay.count < relay.max);
    int count = epoll_wait(epoll, events, EVENTS, relay.queue != NULL ? 0 : waits ? AGAIN_MS : -1);
    if (count < 0 && errno != EINTR) break;
    relay.again = false;
    for (int i = 0; i < count; i++) take_event(&events[i]);
    try_early();
    next_turn();
  }
  while (relay.flows != NULL) drop_flow(relay.flows);
  relay.queue = NULL;
  next_turn();
  if (relay.early >= 0) reset_and_close(relay.early);
  return nothing;
}

static void close_all(void) {
  for (int kind = 0; kind < RELAY_KINDS; kind++) {
    if (options->listeners[kind] >= 0) close(options->listeners[kind]);
  }
  const int own[] = {epoll, asked[0], asked[1]};
  for (size_t i = 0; i < 3; i++) {
    if (own[i] >= 0) close(own[i]);
  }
  epoll = asked[0] = asked[1] = -1;
}

/* Two descriptors for each, and as many are left for whatever else the supervisor does. */
static size_t most_joined(void) {
  struct rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return 16;
  return files.rlim_cur / 4 < JOINED_MAX ? (size_t)files.rlim_cur / 4 : JOINED_MAX;
}

int relay_begin(const struct relay_options *wanted) {
  options = wanted;
  relay.max = most_joined();
  relay.early = -1;
  relay.listens = true;
  epoll = epoll_create1(EPOLL_CLOEXEC);
  bool good = epoll >= 0 && pipe2(asked, O_CLOEXEC | O_NONBLOCK) == 0 && watch(asked[0], EVENT_ASKED, EPOLLIN);
  for (int kind = 0; good && kind < RELAY_KINDS; kind++) {
    good = watch(options->listeners[kind], (uint64_t)(EVENT_LISTENER + 2 * kind), EPOLLIN);
  }
  int error = good ? pthread_create(&thread, NULL, work, NULL) : errno;
  begun = error == 0;
  if (!begun) close_all();
  return -error;
}

void relay_ask(long long flow) {
  if (!begun || write(asked[1], &flow, sizeof flow) != (ssize_t)sizeof flow) who_answer(flow, NULL, -1, -1, &ending);
}

void relay_end(void) {
  if (!begun) return;
  const long long nothing = 0;
  atomic_store(&ending, true);
  /* A pipe that is full wakes the thread as well. */
  ssize_t written = write(asked[1], &nothing, sizeof nothing);
  (void)written;
  pthread_join(thread, NULL);
  begun = false;
  close_all();
}
