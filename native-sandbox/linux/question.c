/* The question about one held call. Everything but argv comes from the kernel. */
#include "held.h"

enum { ARGV_BYTES = 16 * 1024, ARGV_WORDS = 64, WORD_BYTES = 4096, CHAIN_MAX = 16 };

void caller_argv(pid_t pid, struct strings *out) {
  char name[64], *text = malloc(ARGV_BYTES + 1);
  if (text == NULL) return;
  snprintf(name, sizeof name, "/proc/%d/cmdline", pid);
  int fd = open(name, O_RDONLY | O_CLOEXEC);
  ssize_t length = fd >= 0 ? read(fd, text, ARGV_BYTES) : 0;
  if (fd >= 0) close(fd);
  if (length > 0) text[length] = '\0';
  for (ssize_t at = 0; at < length && out->count < ARGV_WORDS;) {
    size_t word = strlen(text + at);
    if (word > WORD_BYTES) text[at + WORD_BYTES] = '\0';
    strings_add(out, text + at);
    at += (ssize_t)word + 1;
  }
  free(text);
}

void caller_chain(pid_t pid, pid_t inner, struct strings *out) {
  struct caller_status status;
  pid_t at = pid;
  while (at != inner && out->count < CHAIN_MAX && caller_status(at, &status)) {
    at = status.parent;
    struct caller_status parent;
    if (at <= 1 || !caller_status(at, &parent) || parent.depth < 2 || parent.inner_pid == 1) {
      if (at != inner) return;
    }
    char exe[PATH_MAX] = "", entry[PATH_MAX + 32];
    (void)caller_link(at, "exe", exe, sizeof exe);
    snprintf(entry, sizeof entry, "%d %s", at, exe);
    strings_add(out, entry);
  }
}

static void write_question(const struct held_call *call, const struct strings *chain, const struct strings *argv,
                           struct line *out) {
  char text[PATH_MAX];
  struct strings flags = {0};
  flag_names(call->form, call->flags, &flags);
  line_begin(out, "held");
  line_number(out, "id", call->question);
  line_text(out, "kind", call->reads ? "read" : "write");
  line_text(out, "call", call->form->name);
  line_text(out, "path", call->path);
  line_text(out, "requested", call->raw);
  line_text(out, "directory", call->place.directory);
  line_text(out, "path2", call->path2);
  line_flag(out, "exists", call->mask != NULL || call->place.object >= 0);
  line_flag(out, "isDirectory", S_ISDIR(call->place.object_stat.st_mode));
  line_list(out, "flags", &flags);
  line_number(out, "pid", call->pid);
  line_text(out, "exe", caller_link(call->pid, "exe", text, sizeof text) > 0 ? text : "");
  line_text(out, "cwd", caller_link((pid_t)call->notice.pid, "cwd", text, sizeof text) > 0 ? text : "");
  line_list(out, "argv", argv);
  line_list(out, "chain", chain);
  strings_free(&flags);
}

bool question_build(const struct held_call *call, pid_t inner, struct line *out) {
  struct strings argv = {0}, chain = {0}, none = {0};
  caller_argv(call->pid, &argv);
  caller_chain(call->pid, inner, &chain);
  write_question(call, &chain, &argv, out);
  /* What the caller says of itself goes first, then its parents. */
  if (out->length > LINE_MAX_BYTES - 16) {
    free(out->bytes);
    write_question(call, &chain, &none, out);
  }
  if (out->length > LINE_MAX_BYTES - 16) {
    free(out->bytes);
    write_question(call, &none, &none, out);
  }
  strings_free(&argv);
  strings_free(&chain);
  if (out->length <= LINE_MAX_BYTES - 16) return true;
  free(out->bytes);
  return false;
}
