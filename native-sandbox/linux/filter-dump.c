/* `--dump-filter NETWORK/HOLD/NESTING`: the program of one mode, one instruction in a line, with the names of calls. */
#include "core.h"
#include "filter-table.h"
#include <linux/filter.h>
#include <linux/seccomp.h>

enum { MAX_PROGRAM = 2048 };

static const char *const networks[] = {"none", "closed", "local", "proxied", "open"};
static const char *const levels[] = {"none", "writes", "all"};
static const char *const nestings[] = {"single", "nesting"};

static const char *action_name(unsigned action, char *room, size_t size) {
  if (action == SECCOMP_RET_ALLOW) return "allow";
  if (action == SECCOMP_RET_KILL_PROCESS) return "kill";
  if (action == SECCOMP_RET_USER_NOTIF) return "hold";
  snprintf(room, size, "errno %u", action & SECCOMP_RET_DATA);
  return room;
}

static const char *field_name(unsigned offset, char *room, size_t size) {
  if (offset == offsetof(struct seccomp_data, nr)) return "call";
  if (offset == offsetof(struct seccomp_data, arch)) return "abi";
  unsigned place = offset - (unsigned)offsetof(struct seccomp_data, args);
  snprintf(room, size, "arg%u.%s", place / 8, place % 8 == 0 ? "low" : "high");
  return room;
}

static const char *call_name(unsigned number) {
  for (size_t i = 0; i < filter_call_count; i++) {
    if (filter_calls[i].number == number) return filter_calls[i].name;
  }
  return "";
}

/* A line is `AT: WORDS`; jumps name the line they lead to. */
static void print(size_t at, const struct sock_filter *code, bool on_call) {
  char room[32];
  const char *name = on_call ? call_name(code->k) : "";
  size_t yes = at + 1 + code->jt, no = at + 1 + code->jf;
  switch (code->code) {
  case BPF_LD | BPF_W | BPF_ABS: printf("%zu: load %s\n", at, field_name(code->k, room, sizeof room)); return;
  case BPF_RET | BPF_K: printf("%zu: %s\n", at, action_name(code->k, room, sizeof room)); return;
  case BPF_ALU | BPF_AND | BPF_K: printf("%zu: and 0x%x\n", at, code->k); return;
  case BPF_JMP | BPF_JA: printf("%zu: goto %zu\n", at, at + 1 + code->k); return;
  case BPF_JMP | BPF_JEQ | BPF_K: printf("%zu: equal %u ? %zu : %zu", at, code->k, yes, no); break;
  case BPF_JMP | BPF_JGE | BPF_K: printf("%zu: atleast %u ? %zu : %zu", at, code->k, yes, no); break;
  case BPF_JMP | BPF_JSET | BPF_K: printf("%zu: bits %u ? %zu : %zu", at, code->k, yes, no); break;
  default: printf("%zu: unknown %u %u\n", at, code->code, code->k); return;
  }
  printf("%s%s\n", name[0] == '\0' ? "" : "  ", name);
}

/* Takes one of `words` and the `end` behind it. */
static bool word(const char **text, const char *const *words, int count, char end, int *out) {
  for (*out = 0; *out < count; ++*out) {
    size_t length = strlen(words[*out]);
    if (strncmp(*text, words[*out], length) != 0 || (*text)[length] != end) continue;
    *text += length + 1;
    return true;
  }
  return false;
}

int dump_filter(const char *mode) {
  static struct sock_filter code[MAX_PROGRAM];
  int network, hold, nesting;
  if (!word(&mode, networks, 5, '/', &network) || !word(&mode, levels, 3, '/', &hold) ||
      !word(&mode, nestings, 2, '\0', &nesting))
    return EXIT_USAGE;
  const struct filter_options options = {(enum filter_network)network, (enum hold_level)hold, nesting == 1};
  size_t length = filter_build(&options, code, MAX_PROGRAM);
  /* Where the number of the call is what is compared; all jumps lead forward. */
  static bool on_call[MAX_PROGRAM + 1];
  for (size_t i = 0; i < length; i++) {
    if (code[i].code == (BPF_LD | BPF_W | BPF_ABS)) on_call[i + 1] = code[i].k == offsetof(struct seccomp_data, nr);
    else if (on_call[i] && code[i].code == (BPF_JMP | BPF_JA)) on_call[i + 1 + code[i].k] = true;
    else if (on_call[i] && BPF_CLASS(code[i].code) == BPF_JMP) on_call[i + 1 + code[i].jt] = on_call[i + 1 + code[i].jf] = true;
    print(i, &code[i], on_call[i]);
  }
  if (length > 0) return 0;
  fputs("launcher: this filter is longer than there is room for\n", stderr);
  return EXIT_REFUSED;
}
