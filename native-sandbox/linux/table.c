/* The held calls: where each has its paths, flags and modes. */
#include "held.h"
#include <sys/syscall.h>

enum { NR_OPENAT2 = 437, NR_FCHMODAT2 = 452 };

/* clang-format off */
static const struct call_form forms[] = {
  /* number            name            shape         folder path flags mode folder2 path2 more */
  {SYS_openat,         "openat",       CALL_OPEN,         0, 1,  2,  3, -1, -1, -1},
  {NR_OPENAT2,         "openat2",      CALL_OPENAT2,      0, 1, -1, -1, -1, -1,  2},
  {SYS_mkdirat,        "mkdirat",      CALL_MKDIR,        0, 1, -1,  2, -1, -1, -1},
  {SYS_mknodat,        "mknodat",      CALL_MKNOD,        0, 1, -1,  2, -1, -1, -1},
  {SYS_unlinkat,       "unlinkat",     CALL_UNLINK,       0, 1,  2, -1, -1, -1, -1},
  {SYS_renameat2,      "renameat2",    CALL_RENAME,       0, 1,  4, -1,  2,  3, -1},
  {SYS_linkat,         "linkat",       CALL_LINK,         0, 1,  4, -1,  2,  3, -1},
  {SYS_symlinkat,      "symlinkat",    CALL_SYMLINK,      1, 2, -1, -1, -1,  0, -1},
  {SYS_truncate,       "truncate",     CALL_TRUNCATE,    -1, 0, -1, -1, -1, -1,  1},
  {SYS_fchmodat,       "fchmodat",     CALL_CHMOD,        0, 1, -1,  2, -1, -1, -1},
  {NR_FCHMODAT2,       "fchmodat2",    CALL_CHMOD,        0, 1,  3,  2, -1, -1, -1},
  {SYS_fchownat,       "fchownat",     CALL_CHOWN,        0, 1,  4, -1, -1, -1,  2},
  {SYS_utimensat,      "utimensat",    CALL_TIMES,        0, 1,  3, -1, -1, -1,  2},
  {SYS_setxattr,       "setxattr",     CALL_SET_XATTR,   -1, 0, -1, -1, -1, -1,  1},
  {SYS_lsetxattr,      "lsetxattr",    CALL_SET_XATTR,   -1, 0, -1, -1, -1, -1,  1},
  {SYS_removexattr,    "removexattr",  CALL_REMOVE_XATTR, -1, 0, -1, -1, -1, -1, 1},
  {SYS_lremovexattr,   "lremovexattr", CALL_REMOVE_XATTR, -1, 0, -1, -1, -1, -1, 1},
  {SYS_fchmod,         "fchmod",       CALL_CHMOD,        0, -1, -1, 1, -1, -1, -1},
  {SYS_fchown,         "fchown",       CALL_CHOWN,        0, -1, -1, -1, -1, -1, 1},
  {SYS_fsetxattr,      "fsetxattr",    CALL_SET_XATTR,    0, -1, -1, -1, -1, -1, 1},
  {SYS_fremovexattr,   "fremovexattr", CALL_REMOVE_XATTR, 0, -1, -1, -1, -1, -1, 1},
#ifdef SYS_renameat
  {SYS_renameat,       "renameat",     CALL_RENAME,       0, 1, -1, -1,  2,  3, -1},
#endif
#ifdef SYS_open
  {SYS_open,           "open",         CALL_OPEN,        -1, 0,  1,  2, -1, -1, -1},
  {SYS_creat,          "creat",        CALL_CREAT,       -1, 0, -1,  1, -1, -1, -1},
  {SYS_mkdir,          "mkdir",        CALL_MKDIR,       -1, 0, -1,  1, -1, -1, -1},
  {SYS_mknod,          "mknod",        CALL_MKNOD,       -1, 0, -1,  1, -1, -1, -1},
  {SYS_rmdir,          "rmdir",        CALL_RMDIR,       -1, 0, -1, -1, -1, -1, -1},
  {SYS_unlink,         "unlink",       CALL_UNLINK,      -1, 0, -1, -1, -1, -1, -1},
  {SYS_rename,         "rename",       CALL_RENAME,      -1, 0, -1, -1, -1,  1, -1},
  {SYS_link,           "link",         CALL_LINK,        -1, 0, -1, -1, -1,  1, -1},
  {SYS_symlink,        "symlink",      CALL_SYMLINK,     -1, 1, -1, -1, -1,  0, -1},
  {SYS_chmod,          "chmod",        CALL_CHMOD,       -1, 0, -1,  1, -1, -1, -1},
  {SYS_chown,          "chown",        CALL_CHOWN,       -1, 0, -1, -1, -1, -1,  1},
  {SYS_lchown,         "lchown",       CALL_CHOWN,       -1, 0, -1, -1, -1, -1,  1},
  {SYS_utime,          "utime",        CALL_TIMES,       -1, 0, -1, -1, -1, -1,  1},
  {SYS_utimes,         "utimes",       CALL_TIMES,       -1, 0, -1, -1, -1, -1,  1},
  {SYS_futimesat,      "futimesat",    CALL_TIMES,        0, 1, -1, -1, -1, -1,  2},
#endif
};
/* clang-format on */

const struct call_form *form_of(int number) {
  for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
    if (forms[i].number == number) return &forms[i];
  }
  return NULL;
}

static bool opens(const struct call_form *form) {
  return form->shape == CALL_OPEN || form->shape == CALL_CREAT || form->shape == CALL_OPENAT2;
}

void flag_names(const struct call_form *form, uint64_t flags, struct strings *out) {
  static const struct { uint64_t bit; const char *name; } names[] = {
      {O_CREAT, "O_CREAT"},   {O_EXCL, "O_EXCL"},           {O_TRUNC, "O_TRUNC"},
      {O_APPEND, "O_APPEND"}, {O_DIRECTORY, "O_DIRECTORY"}, {O_NOFOLLOW, "O_NOFOLLOW"},
  };
  if (!opens(form)) return;
  uint64_t access = flags & O_ACCMODE;
  strings_add(out, access == O_RDONLY ? "O_RDONLY" : access == O_WRONLY ? "O_WRONLY" : "O_RDWR");
  if ((flags & O_TMPFILE) == O_TMPFILE) {
    strings_add(out, "O_TMPFILE");
    return;
  }
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (flags & names[i].bit) strings_add(out, names[i].name);
  }
}

bool follows_last(const struct call_form *form, uint64_t flags) {
  switch (form->shape) {
    case CALL_OPEN:
    case CALL_OPENAT2:
      return !(flags & O_NOFOLLOW) && !((flags & O_CREAT) && (flags & O_EXCL));
    case CALL_CREAT:
    case CALL_TRUNCATE:
      return true;
    case CALL_CHMOD:
    case CALL_CHOWN:
    case CALL_TIMES:
    case CALL_SET_XATTR:
    case CALL_REMOVE_XATTR:
      return !(flags & AT_SYMLINK_NOFOLLOW) && form->name[0] != 'l';
    case CALL_LINK:
      return (flags & AT_SYMLINK_FOLLOW) != 0;
    default:
      return false;
  }
}

bool opens_for_reading(const struct call_form *form, uint64_t flags) {
  if (form->shape != CALL_OPEN && form->shape != CALL_OPENAT2) return false;
  if (flags & O_PATH) return true;
  return !(flags & (O_ACCMODE | O_CREAT | O_TRUNC)) && (flags & O_TMPFILE) != O_TMPFILE;
}

bool changes_entry(const struct call_form *form) {
  return form->shape == CALL_RENAME || form->shape == CALL_UNLINK || form->shape == CALL_RMDIR;
}
