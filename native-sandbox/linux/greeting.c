/* What is read and written about connections: the proxy of a run, the first line it is told, the host's question. Pure. */
#include "relay.h"

const char *const relay_kinds[RELAY_KINDS] = {[RELAY_HTTP] = "http", [RELAY_SOCKS] = "socks"};

static bool plain(const char *text, size_t least, size_t most) {
  size_t length = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");
  return text[length] == '\0' && length >= least && length <= most;
}

bool proxy_named(const char *address, const char *token) {
  return plain(address, 1, PROXY_NAME_MAX) && plain(token, PROXY_TOKEN_MIN, PROXY_TOKEN_MAX);
}

size_t greeting_write(char out[GREETING_MAX], const char *token, long long flow, enum relay_kind kind) {
  return (size_t)snprintf(out, GREETING_MAX, "{\"token\":\"%s\",\"flow\":%lld,\"kind\":\"%s\"}\n", token, flow,
                          relay_kinds[kind]);
}

bool who_read(const struct message *message, long long *flow) {
  *flow = message_number(message, "flow", 0);
  return strcmp(message_text(message, "type"), "who") == 0 && *flow >= 1;
}
