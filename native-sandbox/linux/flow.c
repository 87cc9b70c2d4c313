/* One connection from inside, joined to the proxy: bytes, ends and resets, both ways. */
#include "relay.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

/* How much is moved at once, and how often before others get their turn. */
enum { STEP_BYTES = 64 * 1024, STEPS = 16 };

enum moved { MOVED_ALL, MOVED_SOME, MOVED_FULL, MOVED_END, MOVED_NO_SOURCE, MOVED_NO_TARGET };

/* Looks at bytes, sends them, and takes away what was sent: so nothing is left over that would need room here. */
static enum moved move(int from, int to) {
  static char bytes[STEP_BYTES];
  for (int step = 0; step < STEPS; step++) {
    ssize_t seen = recv(from, bytes, sizeof bytes, MSG_PEEK | MSG_DONTWAIT);
    if (seen == 0) return MOVED_END;
    if (seen < 0 && errno == EINTR) continue;
    if (seen < 0) return errno == EAGAIN ? MOVED_ALL : MOVED_NO_SOURCE;
    ssize_t sent = send(to, bytes, (size_t)seen, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return errno == EAGAIN ? MOVED_FULL : MOVED_NO_TARGET;
    /* MSG_TRUNC: of TCP nothing is copied again. */
    if (recv(from, bytes, (size_t)sent, MSG_TRUNC | MSG_DONTWAIT) != sent) return MOVED_NO_SOURCE;
  }
  return MOVED_SOME;
}

void flow_heard(struct flow *flow, enum flow_end end, uint32_t events) {
  if ((events & EPOLLOUT) != 0) *(end == FLOW_CLIENT ? &flow->down.full : &flow->up.full) = false;
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) flow->look = true;
}

/* The client was reset, or the proxy is gone altogether while the client could still send. */
static bool is_lost(const struct flow *flow) {
  struct pollfd ends[2] = {{flow->client, 0, 0}, {flow->proxy, 0, 0}};
  if (poll(ends, 2, 0) < 0) return errno != EINTR;
  return (ends[0].revents & POLLERR) != 0 || (flow->down.done && !flow->up.done && (ends[1].revents & POLLHUP) != 0);
}

/* false: the connection is over. *more: it was not the last step that could be made. */
static bool move_way(struct flow *flow, struct flow_way *way, bool *more) {
  bool up = way == &flow->up;
  if (way->done || way->full) return true;
  switch (move(up ? flow->client : flow->proxy, up ? flow->proxy : flow->client)) {
  case MOVED_ALL: return true;
  case MOVED_SOME: return *more = true;
  case MOVED_FULL: return way->full = true;
  case MOVED_END:
    way->done = true;
    return shutdown(up ? flow->proxy : flow->client, SHUT_WR) == 0 || up;
  case MOVED_NO_TARGET:
    /* A proxy that takes no more may have said why, and the client is to read it. */
    return way->done = up;
  case MOVED_NO_SOURCE: break;
  }
  return false;
}

enum flow_state flow_move(struct flow *flow) {
  bool more = false;
  if (!move_way(flow, &flow->up, &more) || !move_way(flow, &flow->down, &more)) return FLOW_OVER;
  if (flow->up.done && flow->down.done) return FLOW_OVER;
  if ((flow->look || flow->down.done) && is_lost(flow)) return FLOW_OVER;
  flow->look = false;
  return more ? FLOW_HAS_MORE : FLOW_WAITS;
}

void reset_and_close(int client) {
  const struct linger none = {.l_onoff = 1, .l_linger = 0};
  (void)setsockopt(client, SOL_SOCKET, SO_LINGER, &none, sizeof none);
  close(client);
}

void flow_close(struct flow *flow) {
  if (flow->client >= 0) {
    if (flow->down.done) close(flow->client);
    else reset_and_close(flow->client);
  }
  if (flow->proxy >= 0) close(flow->proxy);
  flow->client = flow->proxy = -1;
}
