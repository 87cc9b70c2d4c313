/* A table of CALLS calls that are all refused: prints how long the filter of it is. */
#include "../linux/filter-table.h"
#include <linux/filter.h>

const struct filter_call filter_calls[CALLS] = {
    [0 ... CALLS - 1] = {.name = "any", .group = GROUP_ALWAYS, .test = TEST_REFUSE, .value = EPERM}};
const size_t filter_call_count = CALLS;

int main(void) {
  static struct sock_filter code[4096];
  const struct filter_options options = {FILTER_CLOSED, HOLD_NONE, false};
  printf("%zu\n", filter_build(&options, code, 4096));
  return 0;
}
