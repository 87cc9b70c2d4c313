/* Between the supervisor and the last step before the command: one word per packet, at times with a descriptor. */
#include "core.h"
#include <sys/socket.h>

bool handoff_send(int socket, const struct inside_word *word, int descriptor) {
  struct inside_word copy = *word;
  struct iovec bytes = {&copy, sizeof copy};
  union { struct cmsghdr header; char room[CMSG_SPACE(sizeof(int))]; } extra;
  memset(&extra, 0, sizeof extra);
  struct msghdr packet = {.msg_iov = &bytes, .msg_iovlen = 1};
  if (descriptor >= 0) {
    packet.msg_control = &extra;
    packet.msg_controllen = sizeof extra;
    struct cmsghdr *header = CMSG_FIRSTHDR(&packet);
    *header = (struct cmsghdr){CMSG_LEN(sizeof descriptor), SOL_SOCKET, SCM_RIGHTS};
    memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
  }
  ssize_t sent;
  do sent = sendmsg(socket, &packet, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent == (ssize_t)sizeof copy;
}

static void take_rights(const struct cmsghdr *header, int *descriptor) {
  size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  for (size_t i = 0; i < count; i++) {
    int fd;
    memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
    if (*descriptor < 0) *descriptor = fd;
    else close(fd);
  }
}

int handoff_receive(int socket, struct inside_word *word, int *descriptor, pid_t *sender) {
  struct iovec bytes = {word, sizeof *word};
  union { struct cmsghdr header; char room[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))]; } extra;
  struct msghdr packet = {
      .msg_iov = &bytes, .msg_iovlen = 1, .msg_control = &extra, .msg_controllen = sizeof extra};
  *descriptor = -1;
  *sender = -1;
  ssize_t got;
  /* ECONNRESET comes once, before what is still to be read, when the other end is gone and left something unread. */
  do got = recvmsg(socket, &packet, MSG_CMSG_CLOEXEC);
  while (got < 0 && (errno == EINTR || errno == ECONNRESET));
  if (got <= 0) return (int)got;
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&packet); header != NULL; header = CMSG_NXTHDR(&packet, header)) {
    if (header->cmsg_level != SOL_SOCKET) continue;
    if (header->cmsg_type == SCM_RIGHTS) take_rights(header, descriptor);
    if (header->cmsg_type == SCM_CREDENTIALS) {
      struct ucred who;
      memcpy(&who, CMSG_DATA(header), sizeof who);
      *sender = who.pid;
    }
  }
  word->what[sizeof word->what - 1] = '\0';
  bool known = word->kind == WORD_READY || word->kind == WORD_PROBLEM || word->kind == WORD_LISTENS;
  return got == (ssize_t)sizeof *word && known ? 1 : -1;
}
