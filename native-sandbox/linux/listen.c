/* The sockets on which programs inside find the proxy. */
#include "relay.h"
#include <arpa/inet.h>
#include <sys/socket.h>

/* Known before the start, so that variables can name them: in a fresh network nobody else holds a port. */
static const uint16_t ports[RELAY_KINDS] = {[RELAY_HTTP] = 3128, [RELAY_SOCKS] = 1080};

/* What is not taken yet waits in the kernel. */
enum { BACKLOG = 4096 };

int listen_inside(enum relay_kind kind) {
  /* Without SO_REUSEADDR and SO_REUSEPORT: no other socket can be bound to the same port. */
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(ports[kind]), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  if (bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, BACKLOG) == 0) return fd;
  int error = errno;
  close(fd);
  return errno = error, -1;
}

static bool option_is(int fd, int name, int wanted) {
  int value = -1;
  socklen_t size = sizeof value;
  return getsockopt(fd, SOL_SOCKET, name, &value, &size) == 0 && value == wanted;
}

int listen_port(int listener) {
  struct sockaddr_in address = {0};
  socklen_t size = sizeof address;
  if (!option_is(listener, SO_PROTOCOL, IPPROTO_TCP) || !option_is(listener, SO_ACCEPTCONN, 1)) return 0;
  if (getsockname(listener, (struct sockaddr *)&address, &size) != 0 || address.sin_family != AF_INET) return 0;
  return address.sin_addr.s_addr == htonl(INADDR_LOOPBACK) ? ntohs(address.sin_port) : 0;
}
