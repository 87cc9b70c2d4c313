/*
 * What was granted and denied in this run, the places no grant reaches into.
 *
 * A grant for a folder ends at the innermost protected or masked place below it: the kernel keeps such a place closed
 * when a folder is opened, and a call made for a caller must not be wider than that.
 */
#include "held.h"

struct rule { char *path; bool below, reads, allow; };
static struct rule rules[RULES_MAX];
static size_t rule_count;

static struct strings roots, closed, masks;

static void copy(const struct strings *from, struct strings *to) {
  for (size_t i = 0; i < from->count; i++) strings_add(to, from->items[i]);
}

/* The longest of `places` that holds `path`, when it is longer than `best`. */
static const char *innermost(const struct strings *places, const char *path, const char *best) {
  for (size_t i = 0; i < places->count; i++) {
    const char *place = places->items[i];
    if (is_below(place, path) && strlen(place) > strlen(best)) best = place;
  }
  return best;
}

void rules_begin(const struct held_options *options) {
  copy(&options->roots, &roots);
  copy(&options->closed, &closed);
  copy(&options->masks, &masks);
}

enum ruling rules_ask(const char *path, bool reads, bool entry) {
  const char *barrier = innermost(&masks, path, innermost(&closed, path, "/"));
  const struct rule *best = NULL;
  for (size_t i = 0; i < rule_count; i++) {
    const struct rule *rule = &rules[i];
    bool exact = strcmp(rule->path, path) == 0;
    if (rule->reads != reads || !(exact || (rule->below && is_below(rule->path, path)))) continue;
    if (rule->allow && exact && rule->below && entry) continue;
    if (rule->allow && !is_below(barrier, rule->path)) continue;
    /* The longest rule is the nearest; of two for one path the later one holds. */
    if (best == NULL || strlen(rule->path) >= strlen(best->path)) best = rule;
  }
  return best == NULL ? RULING_NONE : best->allow ? RULING_ALLOW : RULING_DENY;
}

static void drop_rule(size_t at) {
  free(rules[at].path);
  memmove(&rules[at], &rules[at + 1], (rule_count - at - 1) * sizeof rules[0]);
  rule_count--;
}

bool rules_add(const char *path, bool below, bool reads, bool allow) {
  for (size_t i = rule_count; i-- > 0;) {
    const struct rule *rule = &rules[i];
    if (rule->below == below && rule->reads == reads && strcmp(rule->path, path) == 0) drop_rule(i);
  }
  if (rule_count == RULES_MAX) return false;
  char *own = strdup(path);
  if (own == NULL) return false;
  rules[rule_count++] = (struct rule){own, below, reads, allow};
  return true;
}

void rules_revoke(const char *path) {
  for (size_t i = rule_count; i-- > 0;) {
    if (rules[i].allow && strcmp(rules[i].path, path) == 0) drop_rule(i);
  }
}

const char *rules_too_wide(const char *folder) {
  static const char *const system[] = {"/bin",  "/boot", "/dev",  "/etc", "/home", "/lib", "/lib64", "/media", "/mnt",
                                       "/proc", "/root", "/run",  "/sbin", "/sys", "/tmp", "/usr",   "/var"};
  if (strcmp(folder, "/") == 0) return "it is the whole disk";
  for (size_t i = 0; i < sizeof system / sizeof *system; i++) {
    if (strcmp(folder, system[i]) == 0) return "it belongs to the system";
  }
  /* Ours, and the command's. */
  const char *homes[] = {getenv("HOME"), getenv("GHENV_HOME")};
  for (size_t i = 0; i < 2; i++) {
    if (homes[i] != NULL && homes[i][0] == '/' && is_below(folder, homes[i])) return "it holds the whole home folder";
  }
  for (size_t i = 0; i < roots.count; i++) {
    if (is_below(folder, roots.items[i])) return "it holds a folder that is open already";
  }
  return NULL;
}

static bool any_below(const struct strings *places, const char *path) {
  for (size_t i = 0; i < places->count; i++) {
    if (is_below(path, places->items[i]) && strcmp(path, places->items[i]) != 0) return true;
  }
  return false;
}

static bool any_is(const struct strings *places, const char *path) {
  for (size_t i = 0; i < places->count; i++) {
    if (strcmp(path, places->items[i]) == 0) return true;
  }
  return false;
}

bool rules_pin(const char *path) {
  return any_is(&roots, path) || any_is(&masks, path) || any_below(&roots, path) || any_below(&closed, path) ||
         any_below(&masks, path);
}

const char *rules_mask_of(const char *path) {
  const char *mask = innermost(&masks, path, "");
  return mask[0] == '\0' ? NULL : mask;
}

void rules_add_mask(const char *path) {
  if (!any_is(&masks, path)) strings_add(&masks, path);
}

void rules_places_below(const char *folder, struct strings *out) {
  const struct strings *lists[] = {&closed, &masks};
  for (size_t i = 0; i < 2; i++) {
    for (size_t k = 0; k < lists[i]->count; k++) {
      const char *place = lists[i]->items[k];
      if (is_below(folder, place) && strcmp(folder, place) != 0) strings_add(out, place);
    }
  }
}
