/*
 * hold-shim: an optional preloaded library that asks only after the kernel refused.
 *
 * Each call is first made with the mark of a caller that does not want to be held, so it runs at the kernel's own
 * speed. Only when that ends with EROFS or EACCES is it made again without the mark, and waits for an answer. The mark
 * grants nothing: a program that sets it by itself gets the kernel's refusal, as it would without Gatehouse.
 *
 * Programs that do not load it (static ones, or those that make their calls by themselves) are held as ever.
 * Built without a C library of its own, so that programs of any C library can load it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>

#define SKIP_MAGIC 0x67682d736b697021L
#define PUBLIC __attribute__((visibility("default")))

#if defined(__x86_64__)
static long call(long number, long a, long b, long c, long d, long e, long f) {
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}
#elif defined(__aarch64__)
static long call(long number, long a, long b, long c, long d, long e, long f) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
}
#else
#error "no system call for this machine"
#endif

static int twice(long number, long a, long b, long c, long d, long e) {
  long result = call(number, a, b, c, d, e, SKIP_MAGIC);
  if (result == -EROFS || result == -EACCES) result = call(number, a, b, c, d, e, 0);
  if (result >= 0) return (int)result;
  errno = (int)-result;
  return -1;
}

static int open_twice(int folder, const char *path, int flags, mode_t mode) {
  return twice(SYS_openat, folder, (long)path, flags, (long)mode, 0);
}

static int wants_mode(int flags) { return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE; }

#define TAKE_MODE()               \
  mode_t mode = 0;                \
  if (wants_mode(flags)) {        \
    va_list rest;                 \
    va_start(rest, flags);        \
    mode = va_arg(rest, mode_t);  \
    va_end(rest);                 \
  }

PUBLIC int open(const char *path, int flags, ...) {
  TAKE_MODE()
  return open_twice(AT_FDCWD, path, flags, mode);
}

PUBLIC int open64(const char *path, int flags, ...) {
  TAKE_MODE()
  return open_twice(AT_FDCWD, path, flags, mode);
}

PUBLIC int openat(int folder, const char *path, int flags, ...) {
  TAKE_MODE()
  return open_twice(folder, path, flags, mode);
}

PUBLIC int openat64(int folder, const char *path, int flags, ...) {
  TAKE_MODE()
  return open_twice(folder, path, flags, mode);
}

PUBLIC int creat(const char *path, mode_t mode) {
  return open_twice(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

PUBLIC int creat64(const char *path, mode_t mode) { return creat(path, mode); }

PUBLIC int mkdirat(int folder, const char *path, mode_t mode) {
  return twice(SYS_mkdirat, folder, (long)path, (long)mode, 0, 0);
}

PUBLIC int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

PUBLIC int unlinkat(int folder, const char *path, int flags) {
  return twice(SYS_unlinkat, folder, (long)path, flags, 0, 0);
}

PUBLIC int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
PUBLIC int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

PUBLIC int renameat2(int from, const char *old, int to, const char *fresh, unsigned flags) {
  return twice(SYS_renameat2, from, (long)old, to, (long)fresh, (long)flags);
}

PUBLIC int renameat(int from, const char *old, int to, const char *fresh) {
  return renameat2(from, old, to, fresh, 0);
}

PUBLIC int rename(const char *old, const char *fresh) { return renameat2(AT_FDCWD, old, AT_FDCWD, fresh, 0); }

PUBLIC int linkat(int from, const char *old, int to, const char *fresh, int flags) {
  return twice(SYS_linkat, from, (long)old, to, (long)fresh, flags);
}

PUBLIC int link(const char *old, const char *fresh) { return linkat(AT_FDCWD, old, AT_FDCWD, fresh, 0); }

PUBLIC int symlinkat(const char *target, int folder, const char *path) {
  return twice(SYS_symlinkat, (long)target, folder, (long)path, 0, 0);
}

PUBLIC int symlink(const char *target, const char *path) { return symlinkat(target, AT_FDCWD, path); }
PUBLIC int chmod(const char *path, mode_t mode) { return twice(SYS_fchmodat, AT_FDCWD, (long)path, (long)mode, 0, 0); }
PUBLIC int truncate(const char *path, off_t length) { return twice(SYS_truncate, (long)path, length, 0, 0, 0); }
PUBLIC int truncate64(const char *path, off64_t length) { return twice(SYS_truncate, (long)path, length, 0, 0, 0); }

/* Of a descriptor: it may have been opened before an answer, through a mount that is read-only. */
PUBLIC int fchmod(int descriptor, mode_t mode) { return twice(SYS_fchmod, descriptor, (long)mode, 0, 0, 0); }
PUBLIC int fchown(int descriptor, uid_t user, gid_t group) {
  return twice(SYS_fchown, descriptor, (long)user, (long)group, 0, 0);
}

PUBLIC int futimens(int descriptor, const struct timespec times[2]) {
  return twice(SYS_utimensat, descriptor, 0, (long)times, 0, 0);
}

PUBLIC int utimensat(int folder, const char *path, const struct timespec times[2], int flags) {
  return twice(SYS_utimensat, folder, (long)path, (long)times, flags, 0);
}
