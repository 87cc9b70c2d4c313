/* Matches pairs of pattern and path, each ended by a NUL, from descriptor 0, and writes 1 or 0 for each. */
#include "../linux/glob.h"

static char text[16 * 1024 * 1024];

int main(void) {
  size_t length = fread(text, 1, sizeof text - 1, stdin);
  for (size_t at = 0; at < length;) {
    const char *pattern = text + at, *path = pattern + strlen(pattern) + 1;
    struct glob glob;
    glob_read(pattern, &glob);
    putchar(glob_matches(&glob, path) ? '1' : '0');
    glob_free(&glob);
    at = (size_t)(path - text) + strlen(path) + 1;
  }
  return 0;
}
