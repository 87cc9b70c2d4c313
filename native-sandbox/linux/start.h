#ifndef GATEHOUSE_START_H
#define GATEHOUSE_START_H
#include "relay.h"

struct start {
  struct inside_options inside;
  struct held_options held;
  struct limits limits;
  /* Address and token; "" when the run has no proxy. */
  struct relay_options relay;
  const struct strings *stand_in_folders, *stand_in_files;
};

/* false: a word or number it does not know. Everything in `out` points into `message`. */
bool start_read(const struct message *message, struct start *out);

#endif
