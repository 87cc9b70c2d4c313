/*
 * Patterns over relative paths, as main/policy/settings/glob-pattern.ts understands them; test/glob-vectors.json holds
 * both to it. Names that begin with a dot are names like any other, and what is below a match matches. Pure.
 */
#include "glob.h"
#include "core.h"

/* Patterns longer than this, or with more alternatives, are not told apart: they then match everything. */
enum { PATTERN_BYTES = 4096, ALTERNATIVES_MAX = 256 };

/* Letters are ordered as UTF-16 orders them. A byte that is no UTF-8 is a letter of its own. */
static uint32_t letter_at(const char *text, size_t room, size_t *length) {
  const unsigned char *at = (const unsigned char *)text;
  *length = utf8_length(text, room);
  if (*length == 0) return *length = 1, (uint32_t)(0xdc00 + *at) << 16;
  if (*length == 1) return (uint32_t)*at << 16;
  uint32_t point = *at & (0x7fU >> *length);
  for (size_t i = 1; i < *length; i++) point = point << 6 | (at[i] & 0x3fU);
  if (point < 0x10000) return point << 16;
  point -= 0x10000;
  return (0xd800 + (point >> 10)) << 16 | (0xdc00 + (point & 0x3ff));
}

/* `[…]` at `text`: its length and where its letters are. 0: it has no end, so the bracket stands for itself. */
struct set { const char *letters; size_t length; bool inverted; };
static size_t set_at(const char *text, size_t room, struct set *out) {
  out->inverted = room > 1 && (text[1] == '!' || text[1] == '^');
  size_t start = out->inverted ? 2 : 1, first;
  if (start >= room) return 0;
  /* A `]` right after the opening belongs to the set. */
  (void)letter_at(text + start, room - start, &first);
  const char *end = memchr(text + start + first, ']', room - start - first);
  if (end == NULL) return 0;
  out->letters = text + start;
  out->length = (size_t)(end - out->letters);
  return (size_t)(end - text) + 1;
}

static bool set_has(const struct set *set, uint32_t letter) {
  for (size_t at = 0; at < set->length;) {
    size_t length, next;
    uint32_t from = letter_at(set->letters + at, set->length - at, &length);
    at += length;
    if (at + 1 < set->length && set->letters[at] == '-') {
      uint32_t to = letter_at(set->letters + at + 1, set->length - at - 1, &next);
      at += 1 + next;
      if (letter >= from && letter <= to) return true;
    } else if (letter == from) {
      return true;
    }
  }
  return false;
}

/* The length of what stands for one letter at `pattern`, when that is `letter`; else 0. */
static size_t takes(const char *pattern, size_t room, uint32_t letter) {
  struct set set;
  size_t length;
  if (room == 0) return 0;
  if (*pattern == '?') return 1;
  if (*pattern == '[' && (length = set_at(pattern, room, &set)) > 0) {
    return set_has(&set, letter) != set.inverted ? length : 0;
  }
  uint32_t wanted = letter_at(pattern, room, &length);
  return wanted == letter ? length : 0;
}

/* One name. Only the last `*` is ever taken back: no more work than the one length times the other. */
static bool name_matches(const char *pattern, size_t pattern_length, const char *name, size_t name_length) {
  size_t p = 0, n = 0, after_star = SIZE_MAX, resume = 0;
  while (n < name_length) {
    size_t letter_length;
    uint32_t letter = letter_at(name + n, name_length - n, &letter_length);
    if (p < pattern_length && pattern[p] == '*') {
      after_star = ++p;
      resume = n;
      continue;
    }
    size_t taken = takes(pattern + p, pattern_length - p, letter);
    if (taken > 0) {
      p += taken;
      n += letter_length;
      continue;
    }
    if (after_star == SIZE_MAX) return false;
    (void)letter_at(name + resume, name_length - resume, &letter_length);
    n = resume += letter_length;
    p = after_star;
  }
  while (p < pattern_length && pattern[p] == '*') p++;
  return p == pattern_length;
}

/* Past empty names and `.`, which stand for nothing. */
static const char *next_part(const char *at) {
  for (;;) {
    at += strspn(at, "/");
    if (at[0] != '.' || (at[1] != '/' && at[1] != '\0')) return at;
    at++;
  }
}

static const char *next_name(const char *at) {
  at += strcspn(at, "/");
  return *at == '/' ? at + 1 : NULL;
}

/* A pattern without braces. The whole of it has to be used, not the whole path: a folder stands for what it holds. */
static bool matches(const char *pattern, const char *path) {
  const char *part = next_part(pattern), *name = path, *after_stars = NULL, *resume = NULL;
  if (*part == '\0') return false;
  for (;;) {
    size_t length = strcspn(part, "/");
    if (length == 0) return true;
    if (length == 2 && strncmp(part, "**", 2) == 0) {
      after_stars = part = next_part(part + 2);
      resume = name;
    } else if (name == NULL) {
      return false;
    } else if (name_matches(part, length, name, strcspn(name, "/"))) {
      part = next_part(part + length);
      name = next_name(name);
    } else {
      if (after_stars == NULL || (resume = next_name(resume)) == NULL) return false;
      part = after_stars;
      name = resume;
    }
  }
}

/* The first braces that close. false: there are none. One inside [ ] is a letter, and ends the search. */
static bool find_braces(const char *text, const char **open, const char **close) {
  for (*close = strchr(text, '}'); *close != NULL; *close = strchr(*close + 1, '}')) {
    for (*open = *close; *open > text && **open != '{';) --*open;
    if (**open != '{') continue;
    return !(*open > text && (*open)[-1] == '[' && (*open)[1] == ']');
  }
  return false;
}

/* Takes the last of `from` and adds it, or each of its choices, to one of the two lists. */
static void expand_one(struct strings *from, struct strings *done) {
  char *text = from->items[--from->count], one[PATTERN_BYTES];
  const char *open, *close;
  if (!find_braces(text, &open, &close)) {
    strings_add(done, text);
  } else {
    for (const char *choice = open + 1; choice <= close; choice += strcspn(choice, ",}") + 1) {
      snprintf(one, sizeof one, "%.*s%.*s%s", (int)(open - text), text, (int)strcspn(choice, ",}"), choice, close + 1);
      strings_add(from, one);
    }
  }
  free(text);
}

void glob_read(const char *pattern, struct glob *out) {
  struct strings waiting = {0};
  memset(out, 0, sizeof *out);
  out->all = strlen(pattern) >= PATTERN_BYTES;
  if (!out->all) strings_add(&waiting, pattern);
  while (waiting.count > 0 && !out->all) {
    expand_one(&waiting, &out->patterns);
    out->all = out->patterns.count + waiting.count > ALTERNATIVES_MAX;
  }
  strings_free(&waiting);
  if (out->all) glob_free(out), out->all = true;
}

void glob_free(struct glob *glob) {
  strings_free(&glob->patterns);
  memset(glob, 0, sizeof *glob);
}

bool glob_matches(const struct glob *glob, const char *path) {
  for (size_t i = 0; i < glob->patterns.count; i++) {
    if (matches(glob->patterns.items[i], path)) return true;
  }
  return glob->all;
}
