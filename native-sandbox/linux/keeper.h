/* Between the supervisor and the keeper of its run. */
#ifndef GATEHOUSE_KEEPER_H
#define GATEHOUSE_KEEPER_H
#include "core.h"

enum { KEEPER_BATCH = 128 };

/* One packet each. WATCH: descriptors of processes that must be gone before anything is taken away. LOCKS: of
   stand-ins, to be held as long. BLIND: a process that cannot be watched. OVER: everything was taken away. */
enum keeper_word { KEEPER_WATCH, KEEPER_LOCKS, KEEPER_BLIND, KEEPER_OVER };

struct kept { const struct strings *folders, *files; const char *cgroup; pid_t supervisor; };

_Noreturn void keep(int socket, const struct kept *kept);

#endif
