/* Which system calls the filter looks at, and how; seccomp.c turns this into a program. */
#ifndef GATEHOUSE_FILTER_TABLE_H
#define GATEHOUSE_FILTER_TABLE_H
#include "launcher.h"

enum filter_group {
  GROUP_ALWAYS,
  /* Sockets with a name or an address, and what only they need; refused where the network is closed altogether. */
  GROUP_SOCKETS,
  /* Namespaces and mounts, refused unless a profile allows nesting. */
  GROUP_NAMESPACES,
};
enum filter_test {
  TEST_NONE,
  TEST_REFUSE,      /* value: errno */
  TEST_REFUSE_BITS, /* EPERM when argument `arg` has a bit of `value` */
  TEST_SOCKET,
  TEST_SOCKETPAIR,
  TEST_IOCTL,
  TEST_ABOVE_STREAMS, /* EPERM for a descriptor other than 0, 1 and 2 */
  TEST_PERSONALITY,
};
enum filter_held {
  HELD_NEVER,
  HELD_ALWAYS,
  HELD_INSTEAD, /* only where it would be refused: the supervisor answers (pair.c) */
  HELD_FLAGS, /* argument `held_arg` opens for writing, creates or cuts; with HOLD_ALL every open */
};
struct filter_call {
  unsigned number;
  const char *name;
  enum filter_group group;
  enum filter_test test;
  unsigned arg, value;
  enum filter_held held;
  unsigned held_arg;
  /* Position (from 1) of a mode that must have neither S_ISUID nor S_ISGID; 0: none. With `flags` (from 1, 0: none)
     only where that argument creates a file: the register holds anything otherwise. */
  unsigned mode, flags;
};

extern const struct filter_call filter_calls[];
extern const size_t filter_call_count;

#endif
