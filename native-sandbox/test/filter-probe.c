/* Makes system calls by number, each in a process of its own: NUMBER[,ARGUMENT...] per word. Prints one line for each:
   0 when it went through, its errno, or the signal as -N. Arguments are zero where none are given. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int attempt(const char *word) {
  long value[7] = {0};
  char *at = (char *)word;
  for (int i = 0; i < 7 && *at != '\0'; i++) {
    value[i] = (long)strtoull(at, &at, 0);
    if (*at == ',') at++;
  }
  long result = syscall(value[0], value[1], value[2], value[3], value[4], value[5], value[6]);
  return result == -1 ? errno : 0;
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    pid_t child = fork();
    if (child == 0) _exit(attempt(argv[i]));
    int status;
    if (child < 0 || waitpid(child, &status, 0) != child) return 1;
    printf("%d\n", WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status));
  }
  return 0;
}
