/*
 * Builds and installs the filter of system calls: one program of the classic BPF machine, which looks at the machine's
 * ABI, finds the call's number by binary search, and tests what stands in registers. Memory it cannot see.
 *
 * Written out instead of made by a library: the table is the policy, the code below is all that interprets it, and
 * `launcher --dump-filter` prints what comes out.
 */
#include "filter-table.h"
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
enum { MACHINE = (int)AUDIT_ARCH_X86_64 };
#elif defined(__aarch64__)
enum { MACHINE = (int)AUDIT_ARCH_AARCH64 };
#else
#error "no table for this machine"
#endif

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

enum { MAX_CALLS = 160, MAX_PROGRAM = 2048, LEAF = 3 };
enum { X32_BIT = 0x40000000, NO_RANDOM_ADDRESSES = 0x0040000 };
enum { PUSH_INPUT = 0x5412, CONSOLE_CONTROL = 0x541c, LINE_DISCIPLINE = 0x5423 };
enum { SET_ID = S_ISUID | S_ISGID, TMPFILE_BIT = O_TMPFILE & ~O_DIRECTORY };
enum { CREATES = O_CREAT | TMPFILE_BIT, WRITES = O_WRONLY | O_RDWR | O_TRUNC | CREATES };

#define LOW(arg) (offsetof(struct seccomp_data, args) + 8 * (arg))
#define HIGH(arg) (LOW(arg) + 4)
#define ALLOW SECCOMP_RET_ALLOW
#define FAIL(error) (SECCOMP_RET_ERRNO | (error))

struct program { struct sock_filter *code; size_t length, max; const struct filter_options *options; };

/* Past the end nothing is written, and the length tells. Returns where it stands. */
static size_t emit(struct program *out, unsigned op, unsigned k, unsigned yes, unsigned no) {
  if (out->length < out->max) out->code[out->length] = (struct sock_filter){(uint16_t)op, (uint8_t)yes, (uint8_t)no, k};
  return out->length++;
}
static void load(struct program *out, size_t offset) { emit(out, BPF_LD | BPF_W | BPF_ABS, (unsigned)offset, 0, 0); }
static void give(struct program *out, unsigned action) { emit(out, BPF_RET | BPF_K, action, 0, 0); }
/* `yes` and `no`: how many instructions to pass over. */
static void if_equal(struct program *out, unsigned k, unsigned yes, unsigned no) {
  emit(out, BPF_JMP | BPF_JEQ | BPF_K, k, yes, no);
}
static void if_at_least(struct program *out, unsigned k, unsigned yes, unsigned no) {
  emit(out, BPF_JMP | BPF_JGE | BPF_K, k, yes, no);
}
static void if_bits(struct program *out, unsigned k, unsigned yes, unsigned no) {
  emit(out, BPF_JMP | BPF_JSET | BPF_K, k, yes, no);
}
static void socket_type(struct program *out) {
  load(out, LOW(1));
  emit(out, BPF_ALU | BPF_AND | BPF_K, 0xf, 0, 0); /* without SOCK_CLOEXEC and SOCK_NONBLOCK */
}

/* To the supervisor, unless the caller asks for the kernel's own answer. */
static void hold_call(struct program *out) {
  load(out, LOW(5));
  if_equal(out, (unsigned)FILTER_SKIP_MAGIC, 0, 3);
  load(out, HIGH(5));
  if_equal(out, (unsigned)(FILTER_SKIP_MAGIC >> 32), 0, 1);
  give(out, ALLOW);
  give(out, SECCOMP_RET_USER_NOTIF);
}

static void held(struct program *out, const struct filter_call *call) {
  bool every_open = out->options->hold == HOLD_ALL;
  if (call->held == HELD_FLAGS && every_open) {
    /* What is denied to be read is not closed by the kernel alone, so its answer is nothing to ask for. */
    give(out, SECCOMP_RET_USER_NOTIF);
    return;
  }
  if (call->held == HELD_FLAGS) {
    load(out, LOW(call->held_arg));
    if_bits(out, WRITES, 1, 0);
    give(out, ALLOW);
  }
  hold_call(out);
}

static void refuse_set_id(struct program *out, const struct filter_call *call) {
  if (call->flags != 0) {
    load(out, LOW(call->flags - 1));
    if_bits(out, CREATES, 0, 3);
  }
  load(out, LOW(call->mode - 1));
  if_bits(out, SET_ID, 0, 1);
  give(out, FAIL(EPERM));
}

static void test_socket(struct program *out) {
  load(out, LOW(0));
  switch (out->options->network) {
  case FILTER_OPEN:
    if_equal(out, AF_UNIX, 4, 0);
    if_equal(out, AF_INET, 3, 0);
    if_equal(out, AF_INET6, 2, 0);
    if_equal(out, AF_NETLINK, 1, 0);
    break;
  case FILTER_PROXIED:
    if_equal(out, AF_INET, 1, 0);
    if_equal(out, AF_INET6, 0, 3);
    socket_type(out);
    if_at_least(out, SOCK_RAW, 0, 1);
    break;
  case FILTER_LOCAL:
    if_equal(out, AF_UNIX, 9, 0);
    if_equal(out, AF_INET, 4, 0);
    if_equal(out, AF_INET6, 3, 0);
    if_equal(out, AF_NETLINK, 0, 5);
    load(out, LOW(2));
    if_equal(out, NETLINK_ROUTE, 4, 3);
    socket_type(out);
    if_at_least(out, SOCK_RAW, 0, 1);
    break;
  default: if_equal(out, AF_UNIX, 1, 0);
  }
  give(out, FAIL(EPERM));
  give(out, ALLOW);
}

/* The low half of a request is all that the kernel looks at. */
static void test_ioctl(struct program *out) {
  load(out, LOW(1));
  if_equal(out, PUSH_INPUT, 2, 0);
  if_equal(out, CONSOLE_CONTROL, 1, 0);
  if_equal(out, LINE_DISCIPLINE, 0, 1);
  give(out, FAIL(EPERM));
  give(out, ALLOW);
}

/* Asking, the ordinary one, and fixed addresses as sanitizers want them. */
static void test_personality(struct program *out) {
  load(out, LOW(0));
  if_equal(out, 0, 3, 0);
  if_equal(out, NO_RANDOM_ADDRESSES, 2, 0);
  if_equal(out, 0xffffffff, 1, 0);
  give(out, FAIL(EPERM));
  give(out, ALLOW);
}

/* The kernel takes the low half of a descriptor. */
static void test_above_streams(struct program *out) {
  load(out, LOW(0));
  if_at_least(out, 3, 0, 1);
  give(out, FAIL(EPERM));
  give(out, ALLOW);
}

static void test_bits(struct program *out, const struct filter_call *call) {
  load(out, LOW(call->arg));
  if_bits(out, call->value, 0, 1);
  give(out, FAIL(EPERM));
  give(out, ALLOW);
}

static void test_socketpair(struct program *out) {
  if (out->options->network == FILTER_OPEN) {
    give(out, ALLOW);
    return;
  }
  load(out, LOW(0));
  if_equal(out, AF_UNIX, 1, 0);
  give(out, FAIL(EPERM));
  give(out, ALLOW);
}

static bool filters(const struct filter_options *options) { return options->network != FILTER_NONE; }
static bool holds(const struct filter_options *options, const struct filter_call *call) {
  return options->hold != HOLD_NONE && call->held != HELD_NEVER && call->held != HELD_INSTEAD;
}

static bool served(const struct filter_options *options, const struct filter_call *call) {
  return options->hold != HOLD_NONE && call->held == HELD_INSTEAD;
}

static bool tests(const struct filter_options *options, const struct filter_call *call) {
  if (!filters(options) || call->test == TEST_NONE) return false;
  if (call->group == GROUP_SOCKETS) return options->network == FILTER_CLOSED;
  return call->group != GROUP_NAMESPACES || !options->nesting;
}

/* All that is asked about one call. */
static void block(struct program *out, const struct filter_call *call) {
  if (filters(out->options) && call->mode != 0) refuse_set_id(out, call);
  enum filter_test test = tests(out->options, call) ? call->test : TEST_NONE;
  switch (test) {
  case TEST_REFUSE:
    /* Nobody can ask to be passed on here: that would be what is refused. */
    give(out, served(out->options, call) ? SECCOMP_RET_USER_NOTIF : FAIL(call->value));
    return;
  case TEST_REFUSE_BITS: test_bits(out, call); return;
  case TEST_SOCKET: test_socket(out); return;
  case TEST_SOCKETPAIR: test_socketpair(out); return;
  case TEST_IOCTL: test_ioctl(out); return;
  case TEST_ABOVE_STREAMS: test_above_streams(out); return;
  case TEST_PERSONALITY: test_personality(out); return;
  case TEST_NONE: break;
  }
  if (holds(out->options, call)) held(out, call);
  else give(out, ALLOW);
}

static int by_number(const void *a, const void *b) {
  unsigned x = (*(const struct filter_call *const *)a)->number, y = (*(const struct filter_call *const *)b)->number;
  return (x > y) - (x < y);
}

static void land(struct program *out, size_t jump) {
  if (jump < out->max) out->code[jump].k = (unsigned)(out->length - jump - 1);
}

/* Finds the number; each call's block stands right where it was found. */
static void search(struct program *out, const struct filter_call *const *calls, size_t count) {
  if (count > LEAF) {
    size_t half = count / 2;
    if_at_least(out, calls[half]->number, 0, 1);
    size_t upper = emit(out, BPF_JMP | BPF_JA, 0, 0, 0);
    search(out, calls, half);
    land(out, upper);
    search(out, calls + half, count - half);
    return;
  }
  for (size_t i = 0; i < count; i++) {
    if_equal(out, calls[i]->number, 1, 0);
    size_t next = emit(out, BPF_JMP | BPF_JA, 0, 0, 0);
    block(out, calls[i]);
    land(out, next);
  }
  give(out, ALLOW);
}

size_t filter_build(const struct filter_options *options, struct sock_filter *code, size_t max) {
  struct program out = {code, 0, max, options};
  const struct filter_call *calls[MAX_CALLS];
  size_t count = 0;
  for (size_t i = 0; i < filter_call_count; i++) {
    const struct filter_call *call = &filter_calls[i];
    if (!tests(options, call) && !holds(options, call) && (!filters(options) || call->mode == 0)) continue;
    /* A call that is left out would pass. */
    if (count == MAX_CALLS) return 0;
    calls[count++] = call;
  }
  qsort(calls, count, sizeof *calls, by_number);
  /* Another ABI has other numbers: i386 on this machine would pass every test below. */
  load(&out, offsetof(struct seccomp_data, arch));
  if_equal(&out, (unsigned)MACHINE, 1, 0);
  give(&out, filters(options) ? SECCOMP_RET_KILL_PROCESS : ALLOW);
  load(&out, offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
  if (filters(options)) {
    if_at_least(&out, X32_BIT, 0, 1);
    give(&out, FAIL(ENOSYS)); /* as a kernel without x32 says */
  }
#endif
  search(&out, calls, count);
  return out.length <= max ? out.length : 0;
}

static int install(unsigned long flags, const struct sock_fprog *program) {
  long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, program);
  return result < 0 ? -errno : (int)result;
}

int filter_install(const struct filter_options *options, int *listener) {
  static struct sock_filter code[MAX_PROGRAM];
  struct sock_fprog program = {.filter = code};
  *listener = -1;
  if (!filters(options) && options->hold == HOLD_NONE) return 0;
  program.len = (unsigned short)filter_build(options, code, MAX_PROGRAM);
  if (program.len == 0) return -E2BIG;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -errno;
  if (options->hold == HOLD_NONE) return install(SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program);
  unsigned long flags = SECCOMP_FILTER_FLAG_SPEC_ALLOW | SECCOMP_FILTER_FLAG_NEW_LISTENER;
  int result = install(flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &program);
  if (result == -EINVAL) result = install(flags, &program); /* before Linux 5.19 */
  if (result < 0) return result;
  *listener = result;
  return 0;
}
