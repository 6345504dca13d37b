import os
import socket


class Sender:
    """A datagram for each line, at once, or never.

    One socket serves all threads, and forked children too: a datagram is sent whole or not at all.
    """

    def __init__(self, host, port):
        self._family, _, _, _, self._address = socket.getaddrinfo(
            host, port, type=socket.SOCK_DGRAM
        )[0]
        # Socket and identity in one, so that no thread sees half a change.
        self._open = None, None
        # Counted without a lock, so that a fork can never inherit a held one:
        # with several threads the count is near, not exact.
        self.dropped = 0

    def send(self, line):
        try:
            self._deliver(line)
        except OSError:
            self.dropped += 1

    def close(self):
        _release(*self._open)
        self._open = None, None

    def _deliver(self, line):
        current, identity = self._open
        if current is None or _identity(current) != identity:
            current = self._open_again()
        try:
            current.send(line)
        except BlockingIOError:
            raise
        except ConnectionRefusedError:
            # The answer to the datagram before this one, which nobody took. This one is still here.
            self.dropped += 1
            current.send(line)
        except OSError:
            # The network may have changed under the socket: it is bound to an address of the old one.
            self._open_again().send(line)

    def _open_again(self):
        fresh = socket.socket(self._family, socket.SOCK_DGRAM)
        fresh.setblocking(False)
        fresh.connect(self._address)
        former, self._open = self._open, (fresh, _identity(fresh))
        _release(*former)
        return fresh


def _release(former, identity):
    """A program that becomes a daemon closes every descriptor; by now ours may be the number of a file of its own."""
    if former is None:
        return
    if _identity(former) == identity:
        former.close()
    else:
        former.detach()


def _identity(open_socket):
    """Which socket the descriptor stands for now; about a microsecond."""
    try:
        status = os.fstat(open_socket.fileno())
    except OSError:
        return None
    return status.st_dev, status.st_ino
