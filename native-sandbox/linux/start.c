/* What `start` asks for, checked and turned into the options of each part. */
#include "start.h"

static bool word_of(const char *text, const char *const *words, int count, int *out) {
  for (int i = 0; i < count; i++) {
    if (strcmp(text, words[i]) == 0) return *out = i, true;
  }
  return false;
}

/* Of another kind than a number, or negative: refused, as a limit that is misread is none. */
static bool limit_of(const struct message *message, const char *name, long long *out) {
  *out = message_number(message, name, -1);
  return *out >= 0;
}

bool start_read(const struct message *message, struct start *out) {
  static const char *const networks[] = {"none", "closed", "local", "proxied", "open"};
  static const char *const levels[] = {"none", "writes", "all"};
  int network, level;
  if (!word_of(message_text(message, "seccomp"), networks, 5, &network)) return false;
  if (!word_of(message_text(message, "hold"), levels, 3, &level)) return false;
  struct filter_options *filter = &out->inside.filter;
  filter->network = (enum filter_network)network;
  filter->hold = (enum hold_level)level;
  filter->nesting = message_flag(message, "nesting");
  out->relay = (struct relay_options){
      .address = message_text(message, "proxy"), .token = message_text(message, "proxyToken"), .listeners = {-1, -1}};
  out->inside.relays = out->relay.address[0] != '\0';
  /* A proxy is of use only where it is the one way out. */
  if (out->inside.relays && (filter->network != FILTER_PROXIED || !proxy_named(out->relay.address, out->relay.token)))
    return false;
  out->limits.cgroup = message_text(message, "cgroup");
  out->held.level = filter->hold;
  out->held.grows = message_flag(message, "grows");
  out->held.listener = -1;
  /* The lists stay the message's own; it lives as long as the run. */
  out->held.roots = *message_list(message, "roots");
  out->held.closed = *message_list(message, "closed");
  out->held.masks = *message_list(message, "masks");
  out->held.denied_globs = *message_list(message, "deniedGlobs");
  out->held.granted_reads = *message_list(message, "grantedReads");
  out->stand_in_folders = message_list(message, "standInFolders");
  out->stand_in_files = message_list(message, "standInFiles");
  return limit_of(message, "memoryBytes", &out->limits.memory_bytes) &&
         limit_of(message, "pids", &out->limits.pids) &&
         limit_of(message, "cpuPercent", &out->limits.cpu_percent) &&
         limit_of(message, "openFiles", &out->inside.open_files) &&
         limit_of(message, "fileBytes", &out->inside.file_bytes);
}
