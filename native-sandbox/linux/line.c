/* Writes lines of the control protocol, and keeps lists of strings. Out of memory ends the process: the run dies
   with its supervisor, which is the safe way to fail. */
#include "core.h"

static void *grown(void *old, size_t bytes) {
  void *fresh = realloc(old, bytes);
  if (fresh == NULL) _exit(EXIT_REFUSED);
  return fresh;
}

void strings_add(struct strings *list, const char *text) {
  char *copy = strdup(text);
  if (copy == NULL) _exit(EXIT_REFUSED);
  /* Room doubles: a list may have as many items as a start line has bytes. */
  if ((list->count & (list->count - 1)) == 0) {
    list->items = grown(list->items, (list->count == 0 ? 1 : 2 * list->count) * sizeof *list->items);
  }
  list->items[list->count++] = copy;
}

void strings_free(struct strings *list) {
  for (size_t i = 0; i < list->count; i++) free(list->items[i]);
  free(list->items);
  *list = (struct strings){NULL, 0};
}

size_t utf8_length(const char *text, size_t room) {
  const unsigned char *s = (const unsigned char *)text;
  if (room == 0) return 0;
  if (s[0] < 0x80) return 1;
  size_t length = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
  if (s[0] < 0xc2 || s[0] > 0xf4 || length > room) return 0;
  for (size_t i = 1; i < length; i++) {
    if ((s[i] & 0xc0) != 0x80) return 0;
  }
  /* Longer than needed, a surrogate, or beyond the last code point. */
  if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f)) return 0;
  if ((s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f)) return 0;
  return length;
}

static void put(struct line *line, const char *bytes, size_t length) {
  if (line->length + length > line->room) {
    line->room = 2 * (line->length + length);
    line->bytes = grown(line->bytes, line->room);
  }
  memcpy(line->bytes + line->length, bytes, length);
  line->length += length;
}

static void put_word(struct line *line, const char *word) { put(line, word, strlen(word)); }

static void put_escape(struct line *line, unsigned code) {
  char escape[8];
  snprintf(escape, sizeof escape, "\\u%04x", code);
  put(line, escape, 6);
}

static void put_string(struct line *line, const char *text) {
  put_word(line, "\"");
  size_t rest = strlen(text);
  while (rest > 0) {
    unsigned char c = (unsigned char)*text;
    size_t length = utf8_length(text, rest);
    if (length == 0) put_escape(line, 0xdc00U + c);
    else if (c < 0x20 || c == 0x7f) put_escape(line, c);
    else {
      if (c == '"' || c == '\\') put_word(line, "\\");
      put(line, text, length);
    }
    text += length == 0 ? 1 : length;
    rest -= length == 0 ? 1 : length;
  }
  put_word(line, "\"");
}

static void put_name(struct line *line, const char *name) {
  put_word(line, ",");
  put_string(line, name);
  put_word(line, ":");
}

void line_begin(struct line *line, const char *type) {
  *line = (struct line){NULL, 0, 0};
  put_word(line, "{\"type\":");
  put_string(line, type);
}

void line_text(struct line *line, const char *name, const char *value) {
  put_name(line, name);
  put_string(line, value);
}

void line_number(struct line *line, const char *name, long long value) {
  char digits[24];
  put_name(line, name);
  put(line, digits, (size_t)snprintf(digits, sizeof digits, "%lld", value));
}

void line_flag(struct line *line, const char *name, bool value) {
  put_name(line, name);
  put_word(line, value ? "true" : "false");
}

void line_list(struct line *line, const char *name, const struct strings *values) {
  put_name(line, name);
  put_word(line, "[");
  for (size_t i = 0; i < values->count; i++) {
    if (i > 0) put_word(line, ",");
    put_string(line, values->items[i]);
  }
  put_word(line, "]");
}

void line_end(struct line *line) { put_word(line, "}\n"); }
