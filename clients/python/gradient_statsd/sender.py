import os
import socket


class Sender:
    """A datagram for each line, at once, or never.

    One socket serves all threads, and forked children too: a datagram is sent whole or not at all.
    There is no lock, so that a fork can never inherit a held one. Threads that open a socket at the
    same time each send on their own, and the last one stays; the others go with their last user.
    """

    def __init__(self, host, port):
        self._family, _, _, _, self._address = socket.getaddrinfo(
            host, port, type=socket.SOCK_DGRAM
        )[0]
        self._connection = None
        # With several threads the count is near, not exact.
        self.dropped = 0

    def send(self, line):
        try:
            self._deliver(line)
        except OSError:
            self.dropped += 1

    def close(self):
        self._connection = None

    def _deliver(self, line):
        connection = self._connection
        if connection is None or not connection.is_ours():
            connection = self._connect()
        try:
            connection.send(line)
        except BlockingIOError:
            raise
        except ConnectionRefusedError:
            # The answer to the datagram before this one, which nobody took. This one is still here.
            self.dropped += 1
            connection.send(line)
        except OSError:
            # The network may have changed under the socket: it is bound to an address of the old one.
            self._connect().send(line)

    def _connect(self):
        self._connection = connection = _Connection(self._family, self._address)
        return connection


class _Connection:
    """A connected socket that never waits, and closes its descriptor only while that is still its own.

    A program that becomes a daemon closes every descriptor; later the number may be that of a file
    of its own.
    """

    def __init__(self, family, address):
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._identity = _identity(self._socket)
        self._socket.setblocking(False)
        self._socket.connect(address)
        self.send = self._socket.send

    def is_ours(self):
        return _identity(self._socket) == self._identity

    def __del__(self):
        try:
            if self.is_ours():
                self._socket.close()
            else:
                self._socket.detach()
        except Exception:  # half made, or the interpreter is half gone
            pass


def _identity(open_socket):
    """Which socket the descriptor stands for now; about a microsecond."""
    try:
        status = os.fstat(open_socket.fileno())
    except OSError:
        return None
    return status.st_dev, status.st_ino
