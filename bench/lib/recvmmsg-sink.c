// What receiving costs at least: takes datagrams 64 at a time and throws them away. Prints its port.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>

enum { BATCH = 64, DATAGRAM_BYTES = 65536, RECEIVE_BUFFER_BYTES = 8 << 20 };

static char datagrams[BATCH][DATAGRAM_BYTES];

int main(void) {
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t address_bytes = sizeof address;
  int buffer_bytes = RECEIVE_BUFFER_BYTES;
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0) return 1;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof buffer_bytes);
  if (getsockname(fd, (struct sockaddr *)&address, &address_bytes) != 0) return 1;
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);

  struct iovec parts[BATCH];
  struct mmsghdr messages[BATCH] = {0};
  for (int i = 0; i < BATCH; i++) {
    parts[i] = (struct iovec){datagrams[i], DATAGRAM_BYTES};
    messages[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
  }
  while (recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL) > 0)
    ;
  return 1;
}
