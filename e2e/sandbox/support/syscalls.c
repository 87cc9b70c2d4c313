/*
 * One system call that a boundary should refuse. `syscalls NAME [ARG...]` ends with 0 when the kernel carried it
 * out, with 1 and the reason when it refused, and with 2 for a name it does not know.
 */
#define _GNU_SOURCE
#include <asm/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/kcmp.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>
#include <linux/userfaultfd.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { OPEN_TREE = 428, MOVE_MOUNT = 429, FSOPEN = 430, FSPICK = 433, CLONE3 = 435, PIDFD_OPEN = 434, PIDFD_GETFD = 438, MOUNT_SETATTR = 442 };
enum { IO_URING_SETUP = 425 };

static const char *argument[4];

static long in_child(long (*attempt)(void)) {
  pid_t pid = fork();
  if (pid == 0) {
    errno = 0;
    _exit(attempt() >= 0 ? 0 : errno > 0 && errno < 250 ? errno : 250);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return 0;
  errno = WIFEXITED(status) ? WEXITSTATUS(status) : EPERM;
  return -1;
}

static long unshare_flags(int flags) { return unshare(flags); }
static long ns_user(void) { return unshare_flags(CLONE_NEWUSER); }
static long ns_mount(void) { return unshare_flags(CLONE_NEWUSER | CLONE_NEWNS); }
static long ns_network(void) { return unshare_flags(CLONE_NEWUSER | CLONE_NEWNET); }
static long ns_pid(void) { return unshare_flags(CLONE_NEWUSER | CLONE_NEWPID); }
static long ns_high_bits(void) { return syscall(SYS_unshare, 0xffffffff00000000UL | CLONE_NEWUSER); }

static long clone_user(void) {
  long pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
  if (pid == 0) _exit(0);
  if (pid > 0) waitpid((pid_t)pid, NULL, 0);
  return pid;
}

static long clone3_user(void) {
  struct { uint64_t flags, pidfd, child, parent, exit_signal, stack, size, tls; } how = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
  long pid = syscall(CLONE3, &how, sizeof how);
  if (pid == 0) _exit(0);
  if (pid > 0) waitpid((pid_t)pid, NULL, 0);
  return pid;
}

static long join_namespace(void) {
  int fd = open("/proc/self/ns/user", O_RDONLY);
  /* One's own namespace answers EINVAL when the call gets that far. */
  return syscall(SYS_setns, fd, CLONE_NEWUSER) == 0 || errno == EINVAL ? 0 : -1;
}

static long add_key(void) { return syscall(SYS_add_key, "user", "gatehouse", "x", 1, KEY_SPEC_PROCESS_KEYRING); }
static long request_key(void) { return syscall(SYS_request_key, "user", "gatehouse", NULL, KEY_SPEC_PROCESS_KEYRING) >= 0 || errno == ENOKEY ? 0 : -1; }
static long keyctl(void) { return syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 1); }
static long fault_fd(void) { return syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY); }
static long bpf_map(void) {
  union bpf_attr attribute;
  memset(&attribute, 0, sizeof attribute);
  attribute.map_type = BPF_MAP_TYPE_ARRAY;
  attribute.key_size = attribute.value_size = 4;
  attribute.max_entries = 1;
  return syscall(SYS_bpf, BPF_MAP_CREATE, &attribute, sizeof attribute);
}
static long perf(void) {
  struct perf_event_attr attribute = {.type = PERF_TYPE_SOFTWARE, .size = sizeof attribute, .config = PERF_COUNT_SW_CPU_CLOCK, .exclude_kernel = 1};
  return syscall(SYS_perf_event_open, &attribute, 0, -1, -1, 0);
}
static long io_uring(void) {
  char parameters[256];
  memset(parameters, 0, sizeof parameters);
  return syscall(IO_URING_SETUP, 4, parameters);
}
static long open_tree(void) { return syscall(OPEN_TREE, AT_FDCWD, "/", 0x80000 /* no clone: allowed to everybody */); }
static long new_filesystem(void) { return syscall(FSOPEN, "tmpfs", 0); }
static long pick_filesystem(void) { return syscall(FSPICK, AT_FDCWD, "/", 0); }
static long mount_attributes(void) {
  struct { uint64_t set, clear, propagation, fd; } change = {0, 1, 0, 0};
  return syscall(MOUNT_SETATTR, AT_FDCWD, argument[0] ? argument[0] : "/nowhere", 0, &change, sizeof change);
}
static long move_mount(void) { return syscall(MOVE_MOUNT, AT_FDCWD, "/nowhere", AT_FDCWD, "/nowhere", 0) == 0 || errno == ENOENT ? 0 : -1; }
static long swap_root(void) { return syscall(SYS_pivot_root, ".", "."); }
static long change_root(void) { return chroot("."); }
static long handle(void) {
  char room[sizeof(struct file_handle) + 128];
  struct file_handle *file = (void *)room;
  file->handle_bytes = 128;
  int mount_id = 0;
  if (name_to_handle_at(AT_FDCWD, argument[0], file, &mount_id, 0) != 0) return -1;
  int at = open("/", O_RDONLY | O_DIRECTORY);
  return open_by_handle_at(at, file, O_RDONLY);
}
static long watch_all(void) { return syscall(SYS_fanotify_init, 0x4, O_RDONLY); }
static long odd_personality(void) { return syscall(SYS_personality, READ_IMPLIES_EXEC); }
static long kernel_log(void) { return syscall(SYS_syslog, 3, NULL, 0) >= 0 || errno == EINVAL ? 0 : -1; }
/* A zone that is none: looked at after the right to set it, so that nothing is set. */
static long clock_set(void) { struct timezone none = {.tz_minuteswest = 100000}; return syscall(SYS_settimeofday, NULL, &none) == 0 || errno == EINVAL ? 0 : -1; }
static long host_name(void) { char name[65]; gethostname(name, sizeof name); return sethostname(name, strlen(name)); }

static long trace_child(void) {
  pid_t pid = fork();
  if (pid == 0) { pause(); _exit(0); }
  long result = ptrace(PTRACE_SEIZE, pid, 0, 0);
  int error = errno;
  kill(pid, SIGKILL);
  waitpid(pid, NULL, 0);
  errno = error;
  return result;
}
static long read_memory(void) {
  char from[8] = "inside", to[8];
  struct iovec local = {to, sizeof to}, remote = {from, sizeof from};
  return process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
}
static long write_memory(void) {
  char from[8] = "inside", to[8];
  struct iovec local = {from, sizeof from}, remote = {to, sizeof to};
  return process_vm_writev(getpid(), &local, 1, &remote, 1, 0);
}
static long other_descriptor(void) {
  int process = (int)syscall(PIDFD_OPEN, getpid(), 0);
  return process < 0 ? -1 : syscall(PIDFD_GETFD, process, 0, 0);
}
static long compare(void) { return syscall(SYS_kcmp, getpid(), getpid(), KCMP_FILES, 0, 0); }

static long push_terminal(void) {
  int terminal = open("/dev/tty", O_RDWR);
  char letter = '\n';
  return terminal < 0 ? -1 : ioctl(terminal, TIOCSTI, &letter);
}
static long push_terminal_high(void) {
  int terminal = open("/dev/tty", O_RDWR);
  char letter = '\n';
  return terminal < 0 ? -1 : syscall(SYS_ioctl, terminal, 0x100000000UL | TIOCSTI, &letter);
}
static long console_selection(void) {
  int terminal = open("/dev/tty", O_RDWR);
  char subcommand = 6;
  return terminal < 0 ? -1 : ioctl(terminal, 0x541c /* TIOCLINUX */, &subcommand) >= 0 || errno == ENOTTY || errno == EINVAL ? 0 : -1;
}

static long family(void) { return socket(atoi(argument[0]), atoi(argument[1]), argument[2] ? atoi(argument[2]) : 0); }

static long listener(void) {
  /* A filter of one's own that reports to nobody, with a descriptor that could answer for others. */
  struct { unsigned short length; void *program; } filter;
  struct { uint16_t code; uint8_t yes, no; uint32_t value; } allow = {0x06, 0, 0, 0x7fff0000};
  filter.length = 1;
  filter.program = &allow;
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter);
}

static long skip_hold(void) {
  /* The word in the sixth argument that asks not to be held. */
  return syscall(SYS_openat, AT_FDCWD, argument[0], O_CREAT | O_WRONLY, 0600, 0, 0x67682d736b697021UL);
}
static long set_user_bit(void) { return chmod(argument[0], 04755); }
static long set_group_bit(void) { return chmod(argument[0], 02755); }
static long set_user_bit_fd(void) { int fd = open(argument[0], O_RDONLY); return fchmod(fd, 04755); }
static long set_user_bit_open(void) { return open(argument[0], O_CREAT | O_WRONLY | O_EXCL, 04755); }
static long accounting(void) { return syscall(SYS_acct, NULL); }
static long swap_off(void) { return syscall(SYS_swapoff, "/nowhere") == 0 || errno == ENOENT ? 0 : -1; }
static long module_load(void) { return syscall(SYS_finit_module, -1, "", 0) == 0 || errno == EBADF ? 0 : -1; }
static long kexec(void) { return syscall(SYS_kexec_load, 0, 0, NULL, 0x10000 /* not a flag */) == 0 || errno == EINVAL ? 0 : -1; }
/* Magic numbers that are none: looked at after the right to restart. */
static long restart(void) { return syscall(SYS_reboot, 0, 0, 0, NULL) == 0 || errno == EINVAL ? 0 : -1; }

#if defined(__x86_64__)
static long ports(void) { return syscall(SYS_iopl, 0); }
static long segments(void) { char room[64]; return syscall(SYS_modify_ldt, 0, room, sizeof room); }
static long other_abi_x32(void) { return syscall(0x40000000 | SYS_getpid) > 0 ? 0 : -1; }
static long other_abi_32(void) {
  long result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(20L /* getpid */) : "memory", "r8", "r9", "r10", "r11");
  return result > 0 ? 0 : -1;
}
#endif

static const struct { const char *name; long (*attempt)(void); } attempts[] = {
  {"ns-user", ns_user}, {"ns-mount", ns_mount}, {"ns-network", ns_network}, {"ns-pid", ns_pid}, {"ns-high-bits", ns_high_bits},
  {"clone-user", clone_user}, {"clone3-user", clone3_user}, {"setns", join_namespace},
  {"add-key", add_key}, {"request-key", request_key}, {"keyctl", keyctl}, {"userfaultfd", fault_fd}, {"bpf", bpf_map},
  {"perf", perf}, {"io-uring", io_uring}, {"open-tree", open_tree}, {"fsopen", new_filesystem}, {"fspick", pick_filesystem},
  {"mount-setattr", mount_attributes}, {"move-mount", move_mount}, {"pivot-root", swap_root}, {"chroot", change_root},
  {"handle", handle}, {"fanotify", watch_all}, {"personality", odd_personality}, {"syslog", kernel_log}, {"clock", clock_set},
  {"hostname", host_name}, {"ptrace-child", trace_child}, {"vm-read", read_memory}, {"vm-write", write_memory},
  {"pidfd-getfd", other_descriptor}, {"kcmp", compare}, {"tiocsti", push_terminal}, {"tiocsti-high", push_terminal_high},
  {"tioclinux", console_selection}, {"socket", family}, {"listener", listener}, {"skip-hold", skip_hold}, {"set-user-bit", set_user_bit},
  {"set-group-bit", set_group_bit}, {"set-user-bit-fd", set_user_bit_fd}, {"set-user-bit-open", set_user_bit_open},
  {"acct", accounting}, {"swapoff", swap_off}, {"module", module_load}, {"kexec", kexec},
  {"reboot", restart},
#if defined(__x86_64__)
  {"iopl", ports}, {"modify-ldt", segments}, {"x32", other_abi_x32}, {"int80", other_abi_32},
#endif
};

int main(int argc, char **argv) {
  for (int i = 2; i < argc && i < 6; i++) argument[i - 2] = argv[i];
  for (size_t i = 0; argc > 1 && i < sizeof attempts / sizeof *attempts; i++) {
    if (strcmp(argv[1], attempts[i].name) != 0) continue;
    if (in_child(attempts[i].attempt) >= 0) return 0;
    printf("%s: %s\n", argv[1], strerror(errno));
    return 1;
  }
  return 2;
}
