/* What the worker (grow.c) and the broker (broker.c) say to each other, over a socket pair of their own. */
#ifndef GATEHOUSE_BROKER_H
#define GATEHOUSE_BROKER_H
#include "held.h"

enum broker_work { BROKER_GROW, BROKER_DROP, BROKER_MASK, BROKER_UNMASK, BROKER_OPEN, BROKER_SERVE };
enum { BROKER_TEXT = 60 * 1024 };
/* `text`: for GROW the places below that must stay closed; for OPEN and UNMASK the mask and the path; else one path.
   Each ends with a NUL. */
struct broker_request { enum broker_work work; bool folder; uint32_t length; char text[BROKER_TEXT]; };

/* Sends with a descriptor unless -1. */
bool broker_send(int socket, const void *bytes, size_t length, int descriptor);
/* *descriptor: -1 when none came. The bytes received, 0 at the end, or -1. */
ssize_t broker_receive(int socket, void *bytes, size_t length, int *descriptor);

/* Joins the user and mount namespaces and answers until `socket` ends. The process does nothing else any more. */
_Noreturn void broker_run(int socket, int user_namespace, int mount_namespace, pid_t supervisor);

/* broker-mask.c: what covers a place. 0 or -errno; a descriptor where one is made. */
int cover(const char *path);
int uncover(const char *mask, const char *path);
int open_covered(const char *mask, const char *path);
int serve_over(const char *path, bool folder, int device_folder);

int clone_tree(int fd, bool recursive);
int set_mount(int fd, uint64_t set, uint64_t clear, bool recursive);
int attach_tree(int tree, int target);

#endif
