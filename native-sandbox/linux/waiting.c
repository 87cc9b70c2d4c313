/* The calls that wait for an answer. Identical ones of one process are one question. */
#include "decide.h"

/* Before Linux 5.19 a signal takes a call back and it is made again: that long it is the same question. */
enum { GRACE_MS = 300 };

static struct held_call *waiting;
static size_t held_now;
static unsigned last_question;
static atomic_ulong asked;

unsigned long waiting_count(void) { return atomic_load(&asked); }
bool waiting_any(void) { return waiting != NULL; }

static bool still_waits(const struct held_call *call) {
  return call->mask != NULL ? mask_waits(call->mask) : notice_waits(call->notice.id);
}

static void keep(struct held_call *call) {
  call->next = waiting;
  waiting = call;
  held_now++;
}

/* Takes out what follows the link. */
static struct held_call *take(struct held_call **link) {
  struct held_call *call = *link;
  *link = call->next;
  call->next = NULL;
  held_now--;
  return call;
}

static bool same_question(const struct held_call *a, const struct held_call *b) {
  return a->pid == b->pid && a->form == b->form && a->reads == b->reads && a->flags == b->flags && a->mode == b->mode &&
         (a->mask != NULL) == (b->mask != NULL) && strcmp(a->path, b->path) == 0 && strcmp(a->path2, b->path2) == 0;
}

static void drop(struct held_call *call) {
  if (call->mask != NULL) mask_settle(call->mask, false);
  call->mask = NULL;
  call_free(call);
}

static void say(const char *type, unsigned question, const char *by) {
  struct line line;
  line_begin(&line, type);
  line_number(&line, "id", question);
  if (by != NULL) line_text(&line, "by", by);
  held_say(&line);
}

void waiting_say_settled(unsigned question, const char *by) { say("settled", question, by); }

void waiting_add(struct held_call *call) {
  struct line line;
  atomic_fetch_add_explicit(&asked, 1, memory_order_relaxed);
  for (struct held_call **link = &waiting; *link != NULL; link = &(*link)->next) {
    if (!same_question(*link, call)) continue;
    call->question = (*link)->question;
    if (!still_waits(*link)) drop(take(link));
    if (held_now >= WAITING_MAX) decide_refuse(call);
    else keep(call);
    return;
  }
  if (held_now >= WAITING_MAX) {
    decide_refuse(call);
    return;
  }
  call->question = ++last_question;
  if (!question_build(call, deciding.inner, &line)) {
    decide_refuse(call);
    return;
  }
  keep(call);
  held_say(&line);
}

struct held_call *waiting_take(unsigned question) {
  struct held_call *out = NULL;
  for (struct held_call **link = &waiting; *link != NULL;) {
    if ((*link)->question != question) {
      link = &(*link)->next;
      continue;
    }
    struct held_call *call = take(link);
    call->next = out;
    out = call;
  }
  return out;
}

static bool is_ruled(const struct held_call *call) {
  if (rules_ask(call->path, call->reads, changes_entry(call->form)) == RULING_NONE) return false;
  return call->path2[0] == '\0' || rules_ask(call->path2, false, true) != RULING_NONE;
}

void waiting_settle(const char *by) {
  struct held_call *covered = NULL;
  for (struct held_call **link = &waiting; *link != NULL;) {
    if (!is_ruled(*link)) {
      link = &(*link)->next;
      continue;
    }
    unsigned question = (*link)->question;
    struct held_call *all = waiting_take(question), *last = all;
    say("settled", question, by);
    while (last->next != NULL) last = last->next;
    last->next = covered;
    covered = all;
    link = &waiting;
  }
  while (covered != NULL) {
    struct held_call *call = covered;
    covered = call->next;
    call->next = NULL;
    decide(call);
  }
}

static bool has_question(unsigned question) {
  for (const struct held_call *call = waiting; call != NULL; call = call->next) {
    if (call->question == question) return true;
  }
  return false;
}

void waiting_reap(void) {
  for (struct held_call **link = &waiting; *link != NULL;) {
    struct held_call *call = *link;
    if (still_waits(call)) {
      call->gone_at = 0;
    } else if (call->gone_at == 0) {
      call->gone_at = now_ms();
    } else if (now_ms() - call->gone_at >= GRACE_MS) {
      unsigned question = call->question;
      drop(take(link));
      if (!has_question(question)) say("withdrawn", question, NULL);
      continue;
    }
    link = &call->next;
  }
}

void waiting_refuse_all(void) {
  while (waiting != NULL) decide_refuse(take(&waiting));
}
