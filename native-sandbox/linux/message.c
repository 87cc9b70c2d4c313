/*
 * Reads one line of the control protocol: a flat JSON object with strings, whole numbers, true, false and lists of
 * strings. Anything else is refused as a whole, so that no half-read message is ever acted on. No recursion: the
 * deepest thing there is, a list of strings, is one loop.
 */
#include "core.h"

struct reader { const char *at, *end; };

static bool take(struct reader *in, char wanted) {
  if (in->at == in->end || *in->at != wanted) return false;
  in->at++;
  return true;
}

static bool take_word(struct reader *in, const char *word) {
  size_t length = strlen(word);
  if ((size_t)(in->end - in->at) < length || memcmp(in->at, word, length) != 0) return false;
  in->at += length;
  return true;
}

static void skip_blanks(struct reader *in) {
  while (in->at < in->end && (*in->at == ' ' || *in->at == '\t')) in->at++;
}

/* The four digits of a \u escape; -1 when they are none. */
static long take_hex(struct reader *in) {
  if (in->end - in->at < 4) return -1;
  long value = 0;
  for (int i = 0; i < 4; i++) {
    char c = *in->at++;
    int digit = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

static char *put_code_point(char *out, unsigned long code) {
  if (code < 0x80) {
    *out++ = (char)code;
    return out;
  }
  int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  static const unsigned char lead[] = {0, 0xc0, 0xe0, 0xf0};
  *out++ = (char)(lead[more] | code >> (6 * more));
  while (more-- > 0) *out++ = (char)(0x80 | (code >> (6 * more) & 0x3f));
  return out;
}

/* What follows a backslash. A lone surrogate from dc80 to dcff stands for one byte; NUL and all other lone ones
   are refused. Returns the new end of the text, NULL when refused. */
static char *take_escape(struct reader *in, char *out) {
  if (in->at == in->end) return NULL;
  char c = *in->at++;
  static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
  const char *known = c == '\0' ? NULL : strchr(from, c);
  if (known != NULL) {
    *out++ = to[known - from];
    return out;
  }
  long code = c == 'u' ? take_hex(in) : -1;
  if (code <= 0) return NULL;
  if (code >= 0xdc80 && code <= 0xdcff) {
    *out++ = (char)(code - 0xdc00);
    return out;
  }
  if (code >= 0xdc00 && code <= 0xdfff) return NULL;
  if (code < 0xd800 || code > 0xdfff) return put_code_point(out, (unsigned long)code);
  if (!take_word(in, "\\u")) return NULL;
  long low = take_hex(in);
  if (low < 0xdc00 || low > 0xdfff) return NULL;
  return put_code_point(out, 0x10000UL + ((unsigned long)(code - 0xd800) << 10) + (unsigned long)(low - 0xdc00));
}

/* A string in its quotes; the caller frees it. NULL when it is none. No escape makes a text longer. */
static char *take_string(struct reader *in) {
  if (!take(in, '"')) return NULL;
  const char *close = in->at;
  while (close < in->end && *close != '"') close += *close == '\\' && in->end - close > 1 ? 2 : 1;
  char *text = malloc((size_t)(close - in->at) + 1);
  if (text == NULL) return NULL;
  char *out = text;
  while (out != NULL && in->at < in->end) {
    unsigned char c = (unsigned char)*in->at;
    if (c == '"') {
      in->at++;
      *out = '\0';
      return text;
    }
    size_t length = utf8_length(in->at, (size_t)(in->end - in->at));
    if (c < 0x20 || length == 0) break;
    if (c == '\\') {
      in->at++;
      out = take_escape(in, out);
    } else {
      memcpy(out, in->at, length);
      out += length;
      in->at += length;
    }
  }
  free(text);
  return NULL;
}

/* A whole number as JSON writes it: no sign but minus, no zero in front, nothing behind. */
static bool take_number(struct reader *in, long long *out) {
  bool negative = take(in, '-');
  const char *first = in->at;
  long long value = 0;
  for (; in->at < in->end && *in->at >= '0' && *in->at <= '9'; in->at++) {
    if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, *in->at - '0', &value)) return false;
  }
  size_t digits = (size_t)(in->at - first);
  if (digits == 0 || (digits > 1 && *first == '0')) return false;
  *out = negative ? -value : value;
  return true;
}

static bool take_list(struct reader *in, struct strings *out) {
  skip_blanks(in);
  if (take(in, ']')) return true;
  for (;;) {
    skip_blanks(in);
    char *text = take_string(in);
    if (text == NULL) return false;
    strings_add(out, text);
    free(text);
    skip_blanks(in);
    if (take(in, ']')) return true;
    if (!take(in, ',')) return false;
  }
}

static bool take_value(struct reader *in, struct field *out) {
  if (in->at == in->end) return false;
  if (*in->at == '"') {
    out->kind = FIELD_TEXT;
    return (out->text = take_string(in)) != NULL;
  }
  if (take(in, '[')) {
    out->kind = FIELD_LIST;
    return take_list(in, &out->list);
  }
  out->kind = FIELD_FLAG;
  if ((out->flag = take_word(in, "true")) || take_word(in, "false")) return true;
  out->kind = FIELD_NUMBER;
  return take_number(in, &out->number);
}

static const struct field *find(const struct message *message, const char *name, enum field_kind kind) {
  for (size_t i = 0; i < message->count; i++) {
    const struct field *field = &message->fields[i];
    if (strcmp(field->name, name) == 0) return field->kind == kind ? field : NULL;
  }
  return NULL;
}

/* A name given twice could be read in two ways, so it is refused. */
static bool take_name(struct reader *in, const struct message *message, struct field *out) {
  char *name = take_string(in);
  bool good = name != NULL && strlen(name) < sizeof out->name;
  if (good) strcpy(out->name, name);
  free(name);
  for (size_t i = 0; good && i < message->count; i++) good = strcmp(message->fields[i].name, out->name) != 0;
  return good;
}

static bool take_object(struct reader *in, struct message *out) {
  skip_blanks(in);
  if (!take(in, '{')) return false;
  skip_blanks(in);
  if (take(in, '}')) return true;
  for (;;) {
    if (out->count == MESSAGE_MAX_FIELDS) return false;
    struct field *field = &out->fields[out->count];
    memset(field, 0, sizeof *field);
    skip_blanks(in);
    if (!take_name(in, out, field)) return false;
    out->count++;
    skip_blanks(in);
    if (!take(in, ':')) return false;
    skip_blanks(in);
    if (!take_value(in, field)) return false;
    skip_blanks(in);
    if (take(in, '}')) return true;
    if (!take(in, ',')) return false;
  }
}

bool message_parse(const char *line, size_t length, struct message *out) {
  struct reader in = {line, line + length};
  out->count = 0;
  bool good = length <= START_MAX_BYTES && take_object(&in, out);
  skip_blanks(&in);
  if (good && in.at == in.end) return true;
  message_free(out);
  return false;
}

void message_free(struct message *message) {
  for (size_t i = 0; i < message->count; i++) {
    free(message->fields[i].text);
    strings_free(&message->fields[i].list);
  }
  message->count = 0;
}

const char *message_text(const struct message *message, const char *name) {
  const struct field *field = find(message, name, FIELD_TEXT);
  return field == NULL ? "" : field->text;
}

long long message_number(const struct message *message, const char *name, long long fallback) {
  const struct field *field = find(message, name, FIELD_NUMBER);
  return field == NULL ? fallback : field->number;
}

bool message_flag(const struct message *message, const char *name) {
  const struct field *field = find(message, name, FIELD_FLAG);
  return field != NULL && field->flag;
}

const struct strings *message_list(const struct message *message, const char *name) {
  static const struct strings none = {NULL, 0};
  const struct field *field = find(message, name, FIELD_LIST);
  return field == NULL ? &none : &field->list;
}
