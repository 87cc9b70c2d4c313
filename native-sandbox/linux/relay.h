/*
 * The one way out of a run whose network is empty. Inside, before the command, two sockets listen on 127.0.0.1
 * (listen.c). They are accepted on outside, in a thread of the supervisor (relay.c), which joins each connection to the
 * proxy of the host (flow.c) and, when asked, looks who opened it (who.c).
 */
#ifndef GATEHOUSE_RELAY_H
#define GATEHOUSE_RELAY_H
#include "core.h"
#include <netinet/in.h>
#include <stdatomic.h>

enum relay_kind { RELAY_HTTP, RELAY_SOCKS, RELAY_KINDS };
/* As messages call them. */
extern const char *const relay_kinds[RELAY_KINDS];

/* greeting.c: what is read and written about connections. Pure. -------------------------------------------- */

enum { PROXY_NAME_MAX = 100, PROXY_TOKEN_MIN = 16, PROXY_TOKEN_MAX = 128, GREETING_MAX = 256 };
/* Of a socket in the abstract namespace, and a token that needs no escape in a line. */
bool proxy_named(const char *address, const char *token);
/* The first line of a joined connection, with its end. Returns its length. */
size_t greeting_write(char out[GREETING_MAX], const char *token, long long flow, enum relay_kind kind);
/* The number of the connection that the host asks about. false: not exactly such a message. */
bool who_read(const struct message *message, long long *flow);

/* listen.c ---------------------------------------------------------------------------------------------------- */

/* Inside. A listening socket on the port of this kind, or -1 with errno. */
int listen_inside(enum relay_kind kind);
/* Outside. The port of a socket that listens on 127.0.0.1 for TCP, 0 for any other descriptor. */
int listen_port(int listener);

/* flow.c: one connection, from a client inside to the proxy. ----------------------------------------------- */

struct flow {
  int client, proxy;
  long long number;
  /* Of the client's end and of ours, as the run's own network counts them. */
  struct sockaddr_in near, far;
  /* The way up leads to the proxy. done: its end was passed on. full: it can take no more for now. */
  struct flow_way { bool done, full; } up, down;
  bool look, queued, over;
  struct flow *next, *next_queued;
};
enum flow_end { FLOW_CLIENT, FLOW_PROXY };
/* Takes note of what epoll said of one end. */
void flow_heard(struct flow *flow, enum flow_end end, uint32_t events);
enum flow_state { FLOW_WAITS, FLOW_HAS_MORE, FLOW_OVER };
/* Moves what can be moved, in a bounded number of steps. Nothing is ever kept here: bytes that one end cannot take
   stay in the kernel's buffer of the other, whose writer then waits. */
enum flow_state flow_move(struct flow *flow);
/* Closes both ends; the client gets a reset where an end was not passed on. */
void flow_close(struct flow *flow);
void reset_and_close(int client);

/* relay.c ----------------------------------------------------------------------------------------------------- */

struct relay_options {
  const char *address, *token;
  /* -1: none. The relay closes them. */
  int listeners[RELAY_KINDS];
  /* The first process inside as the host numbers it, and the command. */
  pid_t first, inner;
};
/* Starts the thread. 0 or -errno. `options` must stay. */
int relay_begin(const struct relay_options *options);
/* Answers with a `who` message, sooner or later. From the supervisor's loop only, as the next one. */
void relay_ask(long long flow);
/* Closes every connection and the way out. Safe to call twice, and without a begin. */
void relay_end(void);

/* who.c ------------------------------------------------------------------------------------------------------- */

/* Says who holds the client's end of a connection, NULL for one that is over. Gives up when *ending. */
void who_answer(long long number, const struct flow *flow, pid_t first, pid_t inner, const atomic_bool *ending);

#endif
