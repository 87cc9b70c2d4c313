/* The names of an active mask, and what they stand for on the host. */
#include "mask.h"

const char *node_name(const struct mask *mask, uint64_t node) {
  if (node == FUSE_ROOT_ID) return "";
  if (node < 2 || node - 2 >= MASK_NODES) return NULL;
  return mask->nodes[node - 2].name;
}

uint64_t node_look_up(struct mask *mask, uint64_t parent, const char *name) {
  const char *above = node_name(mask, parent);
  char whole[PATH_MAX];
  if (above == NULL || !mask->folder || name[0] == '\0' || strchr(name, '/') != NULL) return 0;
  if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) return 0;
  int length = snprintf(whole, sizeof whole, "%s%s%s", above, above[0] == '\0' ? "" : "/", name);
  if (length < 0 || (size_t)length >= sizeof whole) return 0;
  size_t room = MASK_NODES;
  for (size_t i = 0; i < MASK_NODES; i++) {
    if (mask->nodes[i].name == NULL) {
      if (room == MASK_NODES) room = i;
    } else if (strcmp(mask->nodes[i].name, whole) == 0) {
      mask->nodes[i].looked++;
      return i + 2;
    }
  }
  if (room == MASK_NODES) return 0;
  mask->nodes[room].name = strdup(whole);
  mask->nodes[room].looked = 1;
  return mask->nodes[room].name == NULL ? 0 : room + 2;
}

void node_forget(struct mask *mask, uint64_t node, uint64_t times) {
  if (node < 2 || node - 2 >= MASK_NODES) return;
  struct mask_node *known = &mask->nodes[node - 2];
  known->looked = times < known->looked ? known->looked - times : 0;
  if (known->looked > 0) return;
  free(known->name);
  known->name = NULL;
}

int mask_open(const struct mask *mask, const char *name, int flags) {
  if (name[0] != '\0') {
    uint64_t wanted = (uint64_t)(flags | O_NOFOLLOW | O_CLOEXEC);
    return open_how(mask->base, name, wanted, 0, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
  }
  char self[32];
  snprintf(self, sizeof self, "/proc/self/fd/%d", mask->base);
  return open(self, flags | O_CLOEXEC);
}

int mask_facts(const struct mask *mask, uint64_t node, struct fuse_attr *out) {
  const char *name = node_name(mask, node);
  struct stat facts;
  if (name == NULL) return -ENOENT;
  int fd = mask_open(mask, name, O_PATH);
  if (fd < 0) return -errno;
  int error = fstat(fd, &facts) == 0 ? 0 : -errno;
  close(fd);
  if (error != 0) return error;
  memset(out, 0, sizeof *out);
  out->ino = node;
  out->mode = (facts.st_mode & S_IFMT) | (S_ISDIR(facts.st_mode) ? 0500 : 0400);
  out->size = S_ISREG(facts.st_mode) || S_ISLNK(facts.st_mode) ? (uint64_t)facts.st_size : 0;
  out->nlink = 1;
  out->uid = facts.st_uid;
  out->gid = facts.st_gid;
  out->blksize = 4096;
  out->mtime = out->ctime = out->atime = (uint64_t)facts.st_mtime;
  return 0;
}
