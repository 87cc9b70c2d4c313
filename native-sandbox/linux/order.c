/* Reads what the host says about held calls. Pure: an order that is not exactly one of the protocol is none. */
#include "held.h"

/* Absolute, without `.`, `..`, empty names or a slash at its end, as the launcher names places itself. */
static bool take_path(const struct message *message, struct order *out) {
  const char *path = message_text(message, "path");
  size_t length = strlen(path);
  if (length == 0 || length >= sizeof out->path || path[0] != '/') return false;
  for (const char *name = path; *name == '/' && path[1] != '\0';) {
    size_t part = strcspn(++name, "/");
    if (part == 0 || part > NAME_MAX) return false;
    if (strncmp(name, ".", part) == 0 || (part == 2 && strncmp(name, "..", 2) == 0)) return false;
    name += part;
  }
  memcpy(out->path, path, length + 1);
  return true;
}

static bool take_answer(const struct message *message, struct order *out) {
  static const char *const words[] = {[VERDICT_ONCE] = "once",
                                      [VERDICT_PATH] = "path",
                                      [VERDICT_DIRECTORY] = "directory",
                                      [VERDICT_DENY] = "deny"};
  long long id = message_number(message, "id", 0);
  if (id < 1 || id > UINT32_MAX) return false;
  out->id = (unsigned)id;
  const char *verdict = message_text(message, "verdict");
  for (size_t i = VERDICT_ONCE; i <= VERDICT_DENY; i++) {
    if (strcmp(verdict, words[i]) == 0) out->verdict = (enum verdict)i;
  }
  out->remember = out->verdict == VERDICT_DENY && message_flag(message, "remember");
  if (out->verdict == VERDICT_DIRECTORY) return take_path(message, out);
  return out->verdict != VERDICT_NONE;
}

bool order_parse(const struct message *message, struct order *out) {
  memset(out, 0, sizeof *out);
  const char *type = message_text(message, "type");
  if (strcmp(type, "answer") == 0) {
    out->kind = ORDER_ANSWER;
    return take_answer(message, out);
  }
  if (strcmp(type, "grant") == 0) out->kind = ORDER_GRANT;
  else if (strcmp(type, "revoke") == 0) out->kind = ORDER_REVOKE;
  else if (strcmp(type, "mask") == 0) out->kind = ORDER_MASK;
  else return false;
  out->directory = message_flag(message, "directory");
  return take_path(message, out);
}
