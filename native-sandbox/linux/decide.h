/* Between the worker's loop (held.c), its look at one call (decide.c), and the host's orders (carry-out.c). */
#ifndef GATEHOUSE_DECIDE_H
#define GATEHOUSE_DECIDE_H
#include "held.h"

/* The run's own options, without the lists that rules.c keeps. */
struct decide_options {
  enum hold_level level;
  /* Every open is looked at, so that one below an inert mask waits as well. */
  bool sees_reads;
  bool grows;
  pid_t inner;
};
extern struct decide_options deciding;

/* Looks at a call, fresh or again: answers it, or asks and keeps it. Takes it. */
void decide(struct held_call *call);
/* Makes it, or looks again when what was shown is gone. Takes it. */
void decide_make(struct held_call *call);
/* EACCES. Takes it. */
void decide_refuse(struct held_call *call);

/* waiting.c: the calls that were asked about. */

/* Asks, or joins the same question. Takes it. */
void waiting_add(struct held_call *call);
/* Takes all of one question out, as a list; NULL: it is settled already. */
struct held_call *waiting_take(unsigned question);
/* A rule changed: what it covers is told to the host and decided. `by`: `grant` or `deny`. */
void waiting_settle(const char *by);
void waiting_say_settled(unsigned question, const char *by);
/* Tells the host of callers that are gone. */
void waiting_reap(void);
void waiting_refuse_all(void);
bool waiting_any(void);
unsigned long waiting_count(void);

/* carry-out.c */
void carry_out(const struct order *order);
/* Masks become active where that works here. */
void carry_out_masks(const struct strings *masks);

#endif
