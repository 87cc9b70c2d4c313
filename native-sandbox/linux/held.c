/* The worker of held calls, and what the supervisor's loop sees of it. */
#include "decide.h"
#include <linux/capability.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>

enum { REAP_MS = 200, STOP_WAIT_S = 2 };

struct queued_order { struct order order; struct queued_order *next; };

static struct {
  pthread_mutex_t guard, voice;
  pthread_cond_t changed;
  struct held_call *calls, **last_call;
  size_t call_count;
  struct queued_order *orders, **last_order;
  int bell;
  bool begun, ready, stopping, stopped, silent;
  const struct strings *masks;
} desk = {.guard = PTHREAD_MUTEX_INITIALIZER, .voice = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

long long now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void held_say(struct line *line) {
  pthread_mutex_lock(&desk.voice);
  if (desk.silent) free(line->bytes);
  else control_send(line);
  pthread_mutex_unlock(&desk.voice);
}

static void ring(void) {
  uint64_t one = 1;
  ssize_t written = write(desk.bell, &one, sizeof one);
  (void)written;
}

bool worker_take(struct held_call *call) {
  pthread_mutex_lock(&desk.guard);
  bool taken = desk.begun && !desk.stopping && desk.call_count < QUEUE_MAX;
  if (taken) {
    call->next = NULL;
    *desk.last_call = call;
    desk.last_call = &call->next;
    desk.call_count++;
  }
  pthread_mutex_unlock(&desk.guard);
  if (taken) ring();
  return taken;
}

void held_message(const struct message *message) {
  struct queued_order *queued = malloc(sizeof *queued);
  if (queued == NULL) return;
  queued->next = NULL;
  pthread_mutex_lock(&desk.guard);
  bool taken = desk.begun && !desk.stopping && order_parse(message, &queued->order);
  if (taken) {
    *desk.last_order = queued;
    desk.last_order = &queued->next;
  }
  pthread_mutex_unlock(&desk.guard);
  if (taken) ring();
  else free(queued);
}

/* Root's own rights would make a grant wider than the same command outside. This thread and those it starts keep
   the user and lose every capability; the broker finds new ones in the run's own namespace. */
static bool lay_down_rights(void) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3];
  memset(none, 0, sizeof none);
  if (unshare(CLONE_FS) != 0) return false; /* a umask of its own */
  umask(077);
  return syscall(SYS_capset, &header, none) == 0;
}

/* Takes what came. false: the run ends. */
static bool take_turn(void) {
  pthread_mutex_lock(&desk.guard);
  struct held_call *calls = desk.calls;
  struct queued_order *orders = desk.orders;
  bool stopping = desk.stopping;
  desk.calls = NULL;
  desk.last_call = &desk.calls;
  desk.call_count = 0;
  desk.orders = NULL;
  desk.last_order = &desk.orders;
  pthread_mutex_unlock(&desk.guard);
  while (orders != NULL) {
    struct queued_order *next = orders->next;
    if (!stopping) carry_out(&orders->order);
    free(orders);
    orders = next;
  }
  while (calls != NULL) {
    struct held_call *next = calls->next;
    calls->next = NULL;
    if (stopping) decide_refuse(calls);
    else decide(calls);
    calls = next;
  }
  return !stopping;
}

static void tell(bool *what) {
  pthread_mutex_lock(&desk.guard);
  *what = true;
  pthread_cond_broadcast(&desk.changed);
  pthread_mutex_unlock(&desk.guard);
}

static void *work(void *nothing) {
  (void)nothing;
  if (!lay_down_rights()) _exit(EXIT_REFUSED);
  carry_out_masks(desk.masks);
  tell(&desk.ready);
  while (take_turn()) {
    uint64_t rung;
    struct pollfd poller = {.fd = desk.bell, .events = POLLIN};
    if (poll(&poller, 1, waiting_any() ? REAP_MS : -1) > 0) {
      ssize_t got = read(desk.bell, &rung, sizeof rung);
      (void)got;
    }
    waiting_reap();
  }
  waiting_refuse_all();
  tell(&desk.stopped);
  return NULL;
}

static int start_worker(const struct held_options *options) {
  pthread_t thread;
  desk.bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (desk.bell < 0) return -errno;
  desk.last_call = &desk.calls;
  desk.last_order = &desk.orders;
  desk.masks = &options->masks;
  desk.begun = true;
  int error = pthread_create(&thread, NULL, work, NULL);
  if (error != 0) {
    desk.begun = false;
    return -error;
  }
  pthread_detach(thread);
  pthread_mutex_lock(&desk.guard);
  while (!desk.ready) pthread_cond_wait(&desk.changed, &desk.guard);
  pthread_mutex_unlock(&desk.guard);
  return 0;
}

/* Masks will be active, as far as can be told before there are any. */
static bool masks_will_serve(const struct held_options *options) {
  size_t count = options->masks.count;
  return count == 0 || (options->grows && count <= MASKS_MAX && access("/dev/fuse", R_OK | W_OK) == 0);
}

enum hold_level held_level(const struct held_options *options) {
  if (options->level != HOLD_ALL) return options->level;
  reading_begin(&options->masks, &options->denied_globs, &options->granted_reads);
  deciding.sees_reads = reading_watched() || !masks_will_serve(options);
  return deciding.sees_reads ? HOLD_ALL : HOLD_WRITES;
}

/* Yama, SELinux or another lock may keep one process from looking into another. */
static bool can_look(pid_t inner) {
  char byte;
  int root = caller_root(inner);
  if (root < 0) return false;
  close(root);
  /* Nothing is at this address: EFAULT says that everything but that was allowed. */
  return caller_read(inner, 1, &byte, 1) < 0 && (errno == EFAULT || errno == EIO);
}

int held_begin(const struct held_options *options, const char **why) {
  bool holds = options->level != HOLD_NONE && options->listener >= 0;
  if (!holds && !options->grows) return 0;
  caller_begin(options->listener);
  int error = can_look(options->inner) ? 0 : -EPERM;
  if (error != 0) *why = "this system does not let the supervisor look into its own commands";
  const char *cannot_grow = grow_begin(options->inner);
  if (error == 0 && options->grows) *why = cannot_grow;
  deciding.level = holds ? options->level : HOLD_NONE;
  deciding.grows = options->grows && cannot_grow == NULL;
  deciding.inner = options->inner;
  if (error == 0) {
    rules_begin(options);
    error = start_worker(options);
  }
  /* Without a worker nobody may be left waiting: everything goes to the kernel. */
  int receives = holds ? receive_begin(options, options->listener, error != 0) : 0;
  if (receives != 0) return receives;
  if (error == 0) return 0;
  if (*why == NULL) *why = strerror(-error);
  return HELD_CANNOT;
}

void held_stop(void) {
  pthread_mutex_lock(&desk.guard);
  desk.stopping = true;
  bool begun = desk.begun;
  pthread_mutex_unlock(&desk.guard);
  if (begun) {
    struct timespec until;
    ring();
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += STOP_WAIT_S;
    /* A file system that hangs keeps the worker; the run is ended without it. */
    pthread_mutex_lock(&desk.guard);
    while (!desk.stopped && pthread_cond_timedwait(&desk.changed, &desk.guard, &until) == 0) {}
    pthread_mutex_unlock(&desk.guard);
  }
  pthread_mutex_lock(&desk.voice);
  desk.silent = true;
  pthread_mutex_unlock(&desk.voice);
}

void held_counts(unsigned long *waited, unsigned long *passed) {
  *waited = waiting_count();
  *passed = receive_passed();
}
