/* Patterns of files that may not be read: `*` and `?` within a name, `[a-z]` and `[!a]`, `{a,b}`, `**` for folders. */
#ifndef GATEHOUSE_GLOB_H
#define GATEHOUSE_GLOB_H
#include "launcher.h"

/* One pattern, its braces expanded; `all`: more than could be told apart, so it matches everything. */
struct glob { struct strings patterns; bool all; };
void glob_read(const char *pattern, struct glob *out);
void glob_free(struct glob *glob);
/* `path` is relative, without empty names. */
bool glob_matches(const struct glob *glob, const char *path);

#endif
