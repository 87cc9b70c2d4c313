/* One active mask: mask.c serves its file system, mask-node.c knows its names. */
#ifndef GATEHOUSE_MASK_H
#define GATEHOUSE_MASK_H
#include "held.h"
#include <linux/fuse.h>
#include <pthread.h>

enum { MASK_NODES = 4096 };

/* A name below the mask that something inside has looked up; `looked` as the kernel counts it. */
struct mask_node { char *name; uint64_t looked; };
struct mask {
  int device, base;
  bool folder;
  char path[PATH_MAX];
  struct mask_node nodes[MASK_NODES];
  pthread_mutex_t guard;
  struct mask_hold *holds;
};
/* An open that waits. Owned by the worker; `settled` once the kernel has its answer. */
struct mask_hold {
  struct mask *mask;
  uint64_t unique;
  char name[PATH_MAX];
  bool folder, settled;
  pid_t tid;
  struct mask_hold *next;
};

/* Node 1 is the mask itself. NULL: no such node. Only the mask's own thread asks. */
const char *node_name(const struct mask *mask, uint64_t node);
/* The node of `name` below `parent`, 0 when there is no room or the name is none. */
uint64_t node_look_up(struct mask *mask, uint64_t parent, const char *name);
void node_forget(struct mask *mask, uint64_t node, uint64_t times);
/* Opens what a name stands for on the host, with the rights of the caller's user. -1 with errno. */
int mask_open(const struct mask *mask, const char *name, int flags);
/* 0 or -errno. */
int mask_facts(const struct mask *mask, uint64_t node, struct fuse_attr *out);

#endif
