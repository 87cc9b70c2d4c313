/*
 * Reads many mutated lines of the control protocol. Built with sanitizers, linked with the launcher's own readers.
 * Prints `N lines, 0 crashes`; a crash ends it before.
 *
 *   fuzz-message SEEDS COUNT NUMBER GRANTS     SEEDS: a file of valid lines; NUMBER starts the row of random numbers
 *
 * For each line: it is read or refused as a whole, and what was read is written again and reads as the same. Lines
 * that would open something are written to GRANTS, in hexadecimal, for another reader of JSON to judge.
 */
#include "../linux/glob.h"
#include "../linux/held.h"
#include "../linux/start.h"

enum { MAX_SEEDS = 64, MAX_LINE = 4096 };

static char seeds[MAX_SEEDS][MAX_LINE];
static size_t lengths[MAX_SEEDS], seed_count;
static uint64_t state;

static uint32_t next(uint32_t below) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)(state >> 32) % below;
}

static void check(bool good, const char *what, const char *line, size_t length) {
  if (good) return;
  fprintf(stderr, "%s: %.*s\n", what, (int)length, line);
  abort();
}

static size_t mutate(char *line, size_t length) {
  static const char *const pieces[] = {"\"", "\\", "\\u0000", "\\udc80", "\\ud800", "\\ud83d\\ude00", "{", "}", "[", "]", ",",
      ":", "true", "false", "null", "-", "0", "1e9", "99999999999999999999", "\"type\":\"answer\"", "\"verdict\":\"once\"",
      "\"verdict\":\"directory\"", "\"path\":\"/\"", "\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc3\xa9", " ", "\t", "\r"};
  for (uint32_t times = 1 + next(4); times > 0; times--) {
    size_t at = next((uint32_t)length + 1), rest = length - at;
    const char *piece = pieces[next(sizeof pieces / sizeof *pieces)];
    size_t size = strlen(piece);
    switch (next(6)) {
    case 0: if (rest > 0) line[at] = (char)next(256); break;
    case 1: if (rest > 0) line[at] = (char)(line[at] ^ 1 << next(8)); break;
    case 2: length = at; break;
    case 3:
      if (rest > 0) size = 1 + next((uint32_t)rest), memmove(line + at, line + at + size, rest - size), length -= size;
      break;
    case 4:
      if (length + size < MAX_LINE) memmove(line + at + size, line + at, rest), memcpy(line + at, piece, size), length += size;
      break;
    default: {
      size_t other = next((uint32_t)seed_count), from = next((uint32_t)lengths[other] + 1);
      size_t taken = lengths[other] - from < MAX_LINE - at ? lengths[other] - from : MAX_LINE - at;
      memcpy(line + at, seeds[other] + from, taken);
      length = at + taken;
    }
    }
  }
  return length;
}

static void write_again(const struct message *message, struct line *out) {
  line_begin(out, message_text(message, "type"));
  for (size_t i = 0; i < message->count; i++) {
    const struct field *field = &message->fields[i];
    if (strcmp(field->name, "type") == 0) continue;
    switch (field->kind) {
    case FIELD_TEXT: line_text(out, field->name, field->text); break;
    case FIELD_NUMBER: line_number(out, field->name, field->number); break;
    case FIELD_FLAG: line_flag(out, field->name, field->flag); break;
    case FIELD_LIST: line_list(out, field->name, &field->list); break;
    }
  }
  line_end(out);
}

static bool same(const struct message *one, const struct message *two) {
  struct line a, b;
  write_again(one, &a);
  write_again(two, &b);
  bool equal = a.length == b.length && memcmp(a.bytes, b.bytes, a.length) == 0;
  free(a.bytes);
  free(b.bytes);
  return equal;
}

/* Whatever the pattern, it is read and asked without harm. */
static void match(const char *denied) {
  const char *end = strchr(denied, '\n');
  struct glob glob;
  glob_read(end == NULL ? denied : end + 1, &glob);
  (void)glob_matches(&glob, "b/c/d/.env");
  (void)glob_matches(&glob, denied);
  glob_free(&glob);
}

/* Reads it from memory that ends where the line does, so that one byte too far is seen. */
static bool look_at(const char *line, size_t length, FILE *grants) {
  static struct message message, again, told;
  struct start start;
  bool opens = false;
  char *exact = malloc(length + (length == 0));
  memcpy(exact, line, length);
  bool good = message_parse(exact, length, &message);
  free(exact);
  if (!good) {
    check(message.count == 0, "something of a refused line stayed", line, length);
    return false;
  }
  struct line out;
  write_again(&message, &out);
  check(message_parse(out.bytes, out.length - 1, &again) && same(&message, &again), "reads differently", line, length);
  free(out.bytes);
  memset(&start, 0, sizeof start);
  if (strcmp(message_text(&message, "type"), "start") == 0 && start_read(&message, &start)) {
    check(start.inside.open_files >= 0 && start.limits.pids >= 0, "a limit below nothing", line, length);
    for (size_t i = 0; i < start.held.denied_globs.count; i++) match(start.held.denied_globs.items[i]);
    if (start.inside.relays) {
      char greeting[GREETING_MAX];
      size_t wanted = greeting_write(greeting, start.relay.token, LLONG_MAX, RELAY_SOCKS);
      check(wanted < sizeof greeting && message_parse(greeting, wanted - 1, &told), "no greeting", line, length);
      message_free(&told);
      opens = true;
    }
    check(start.held.level <= HOLD_ALL && start.inside.filter.network <= FILTER_OPEN, "no mode", line, length);
  }
  long long flow;
  check(!who_read(&message, &flow) || flow >= 1, "a question about nothing", line, length);
  struct order order;
  opens = opens || (order_parse(&message, &order) && (order.kind == ORDER_GRANT || (order.kind == ORDER_ANSWER && order.verdict != VERDICT_DENY)));
  if (opens) {
    for (size_t i = 0; i < length; i++) fprintf(grants, "%02x", (unsigned char)line[i]);
    fputc('\n', grants);
  }
  message_free(&again);
  message_free(&message);
  return true;
}

int main(int argc, char **argv) {
  FILE *file = argc == 5 ? fopen(argv[1], "r") : NULL;
  FILE *grants = file == NULL ? NULL : fopen(argv[4], "w");
  if (grants == NULL) return EXIT_USAGE;
  while (seed_count < MAX_SEEDS && fgets(seeds[seed_count], MAX_LINE, file) != NULL) {
    lengths[seed_count] = strcspn(seeds[seed_count], "\n");
    check(look_at(seeds[seed_count], lengths[seed_count], grants), "a seed is refused", seeds[seed_count], lengths[seed_count]);
    seed_count++;
  }
  fclose(file);
  long count = strtol(argv[2], NULL, 10), read = 0;
  state = strtoull(argv[3], NULL, 10) * 2654435761U + 88172645463325252U;
  for (long i = 0; i < count && seed_count > 0; i++) {
    char line[MAX_LINE];
    size_t seed = next((uint32_t)seed_count);
    memcpy(line, seeds[seed], lengths[seed]);
    read += look_at(line, mutate(line, lengths[seed]), grants);
  }
  if (fclose(grants) != 0) return EXIT_REFUSED;
  printf("%ld lines, 0 crashes, %ld of them read\n", count, read);
  return 0;
}
