/*
 * What a command loses before it starts, in a boundary of ours or in the container around us: privileges it could gain,
 * capabilities, core files, and room beyond its limits. Without a word to anybody: the caller says what did not work.
 */
#include "core.h"
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

/* bwrap dropped all capabilities already; this is the second lock, and it checks instead of hoping. */
static const char *drop_capabilities(void) {
  for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++) prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);

  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  struct __user_cap_data_struct caps[_LINUX_CAPABILITY_U32S_3];
  memset(caps, 0, sizeof caps);
  if (syscall(SYS_capset, &header, caps) != 0) return "capset";
  if (syscall(SYS_capget, &header, caps) != 0) return "capget";
  for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
    if ((caps[i].effective | caps[i].permitted | caps[i].inheritable) != 0) return errno = EPERM, "capabilities";
  }
  return NULL;
}

/* 0: no limit of ours. What is lower already stays. */
static bool limit(int resource, long long wanted) {
  struct rlimit now;
  if (wanted <= 0) return true;
  if (getrlimit(resource, &now) != 0) return false;
  if (now.rlim_max == RLIM_INFINITY || now.rlim_max > (rlim_t)wanted) now.rlim_max = (rlim_t)wanted;
  if (now.rlim_cur == RLIM_INFINITY || now.rlim_cur > now.rlim_max) now.rlim_cur = now.rlim_max;
  return setrlimit(resource, &now) == 0;
}

const char *narrow(const struct inside_options *options) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return "no_new_privs";
  const char *failed = drop_capabilities();
  if (failed != NULL) return failed;
  /* A core file could land where the host's core_pattern says, outside the boundary. */
  const struct rlimit no_core = {0, 0};
  if (setrlimit(RLIMIT_CORE, &no_core) != 0) return "core";
  if (!limit(RLIMIT_NOFILE, options->open_files)) return "openFiles";
  return limit(RLIMIT_FSIZE, options->file_bytes) ? NULL : "fileBytes";
}
