/* The life of one held call. */
#include "held.h"

void call_clear(struct held_call *call) {
  call->form = NULL;
  call->mask = NULL;
  call->reads = call->own_rules = false;
  call->flags = 0;
  call->mode = 0;
  call->raw[0] = call->raw2[0] = call->path[0] = call->path2[0] = '\0';
  place_begin(&call->place);
  place_begin(&call->place2);
  call->host = call->host2 = call->object = -1;
  call->pid = 0;
  call->question = call->looks = 0;
  call->gone_at = 0;
  call->next = NULL;
}

struct held_call *call_new(void) {
  struct held_call *call = malloc(sizeof *call);
  if (call == NULL) return NULL;
  memset(&call->notice, 0, sizeof call->notice);
  call_clear(call);
  return call;
}

static void close_one(int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

void call_forget(struct held_call *call) {
  place_free(&call->place);
  place_free(&call->place2);
  close_one(&call->host);
  close_one(&call->host2);
  close_one(&call->object);
}

void call_free(struct held_call *call) {
  call_forget(call);
  free(call);
}
