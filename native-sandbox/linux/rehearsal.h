/*
 * Rehearsals: a command on a throwaway copy (overlay.c), what it changed there (upper.c), and the same made real
 * (apply.c). Each answers the exit code of the launcher, EXIT_USAGE before anything was done.
 */
#ifndef GATEHOUSE_REHEARSAL_H
#define GATEHOUSE_REHEARSAL_H

int overlay_main(int argc, char **argv);
int upper_main(int argc, char **argv);
int apply_main(int argc);

#endif
