/*
 * The calls, one line each. A call that is in no line is allowed.
 *
 * Refusals answer EPERM as a missing privilege does. ENOSYS is for calls that programs try first and replace by an
 * older one: io_uring, clone3 (its flags lie in memory), and openat2, whose mode and flags lie there as well, where
 * they can be changed after any look at them.
 */
#include "filter-table.h"
#include <sched.h>
#include <sys/syscall.h>

/* From 403 on the numbers are the same on every machine; headers of older systems do not have them all. */
#ifndef SYS_quotactl_fd
#define SYS_quotactl_fd 443
#endif
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif
#ifndef SYS_open_tree_attr
#define SYS_open_tree_attr 467
#endif
#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

enum {
  NEW_NAMESPACES = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET
};

#define CALL(call) .number = SYS_##call, .name = #call
#define REFUSE(call) {CALL(call), .test = TEST_REFUSE, .value = EPERM}
#define ABSENT(call) {CALL(call), .test = TEST_REFUSE, .value = ENOSYS}
#define NAMESPACE(call) {CALL(call), GROUP_NAMESPACES, .test = TEST_REFUSE, .value = EPERM}
#define SOCKETS(call) {CALL(call), GROUP_SOCKETS, .test = TEST_REFUSE, .value = EPERM}
#define STREAMS(call) {CALL(call), GROUP_SOCKETS, .test = TEST_ABOVE_STREAMS}
#define HELD(call) {CALL(call), .held = HELD_ALWAYS}

const struct filter_call filter_calls[] = {
    /* Other processes' memory and descriptors. The first process inside is bubblewrap's and has no filter: who traces it
     * has none either. */
    REFUSE(ptrace), REFUSE(process_vm_readv), REFUSE(process_vm_writev), REFUSE(pidfd_getfd), REFUSE(kcmp),

    /* Pairs that a process makes for its children are used with read, write, sendmsg, recvmsg and recvfrom. */
    SOCKETS(connect), SOCKETS(accept), SOCKETS(accept4), SOCKETS(bind), SOCKETS(listen), SOCKETS(sendto),
    SOCKETS(sendmmsg), SOCKETS(recvmmsg), SOCKETS(setsockopt),
    /* Bash takes any other refusal for a login over the network and reads ~/.bashrc; Node's execSync fails with it. */
    {CALL(getpeername), GROUP_SOCKETS, .test = TEST_REFUSE, .value = ENOTCONN},
    {CALL(shutdown), GROUP_SOCKETS, .test = TEST_REFUSE, .value = ENOTCONN, .held = HELD_INSTEAD},
    /* A caller may hand a pair over as a standard stream, and Node drops what is printed to one it cannot name. */
    STREAMS(getsockname), STREAMS(getsockopt),

    /* Namespaces and mounts. In a new user namespace a program holds capabilities over what it makes there. */
    {CALL(unshare), GROUP_NAMESPACES, .test = TEST_REFUSE_BITS, .arg = 0, .value = NEW_NAMESPACES | CLONE_NEWTIME},
    {CALL(clone), GROUP_NAMESPACES, .test = TEST_REFUSE_BITS, .arg = 0, .value = NEW_NAMESPACES},
    {CALL(clone3), GROUP_NAMESPACES, .test = TEST_REFUSE, .value = ENOSYS},
    NAMESPACE(setns), NAMESPACE(mount), NAMESPACE(umount2), NAMESPACE(pivot_root), NAMESPACE(chroot),
    REFUSE(open_tree), REFUSE(open_tree_attr), REFUSE(move_mount), REFUSE(mount_setattr),
    REFUSE(fsopen), REFUSE(fsconfig), REFUSE(fsmount), REFUSE(fspick),

    /* Parts of the kernel that no ordinary program needs and that had flaws. */
    REFUSE(keyctl), REFUSE(add_key), REFUSE(request_key),
    REFUSE(bpf), REFUSE(perf_event_open), REFUSE(userfaultfd),
    REFUSE(kexec_load), REFUSE(kexec_file_load), REFUSE(init_module), REFUSE(finit_module), REFUSE(delete_module),
    REFUSE(open_by_handle_at), REFUSE(fanotify_init), REFUSE(lookup_dcookie), REFUSE(nfsservctl),
    REFUSE(swapon), REFUSE(swapoff), REFUSE(reboot), REFUSE(acct), REFUSE(quotactl), REFUSE(quotactl_fd),
    REFUSE(syslog), REFUSE(vhangup),
    ABSENT(io_uring_setup), ABSENT(io_uring_enter), ABSENT(io_uring_register),
#ifdef __x86_64__
    REFUSE(iopl), REFUSE(ioperm), REFUSE(modify_ldt), REFUSE(uselib),
#endif
    {CALL(personality), .test = TEST_PERSONALITY}, {CALL(ioctl), .test = TEST_IOCTL},
    {CALL(socket), .test = TEST_SOCKET}, {CALL(socketpair), .test = TEST_SOCKETPAIR},

    /* Files. A set-user-id file in a workspace would run with the rights of its owner for everybody on the host. */
    {CALL(openat2), .test = TEST_REFUSE, .value = ENOSYS, .held = HELD_ALWAYS},
    {CALL(openat), .held = HELD_FLAGS, .held_arg = 2, .mode = 4, .flags = 3},
    {CALL(fchmod), .held = HELD_ALWAYS, .mode = 2},
    {CALL(fchmodat), .held = HELD_ALWAYS, .mode = 3}, {CALL(fchmodat2), .held = HELD_ALWAYS, .mode = 3},
    {CALL(mknodat), .held = HELD_ALWAYS, .mode = 3},
    HELD(mkdirat), HELD(unlinkat), HELD(renameat2), HELD(linkat), HELD(symlinkat), HELD(truncate), HELD(fchownat), HELD(utimensat),
    HELD(setxattr), HELD(lsetxattr), HELD(removexattr), HELD(lremovexattr),
    /* A descriptor keeps the mount it was opened through, which may be older than an answer. */
    HELD(fchown), HELD(fsetxattr), HELD(fremovexattr),
#ifdef SYS_renameat
    HELD(renameat),
#endif
#ifdef __x86_64__
    {CALL(open), .held = HELD_FLAGS, .held_arg = 1, .mode = 3, .flags = 2},
    {CALL(creat), .held = HELD_ALWAYS, .mode = 2}, {CALL(chmod), .held = HELD_ALWAYS, .mode = 2},
    {CALL(mknod), .held = HELD_ALWAYS, .mode = 2},
    HELD(mkdir), HELD(rmdir), HELD(unlink), HELD(rename), HELD(link), HELD(symlink), HELD(chown), HELD(lchown),
    HELD(utime), HELD(utimes), HELD(futimesat),
#endif
};

const size_t filter_call_count = sizeof filter_calls / sizeof *filter_calls;
