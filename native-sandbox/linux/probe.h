#ifndef GATEHOUSE_PROBE_H
#define GATEHOUSE_PROBE_H

/* probe.c: pairs of KIND TARGET. 0: all of them worked; 1: not all; EXIT_USAGE: a pair it does not know. */
int probe_main(int argc, char **argv);

#endif
