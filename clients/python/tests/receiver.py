import os
import socket
import subprocess
import sys

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PLATFORM = ("PS_JOB_ID", "STATSD_HOST", "STATSD_PORT", "DD_AGENT_HOST", "DD_DOGSTATSD_PORT")


class Receiver:
    """A real socket that takes what a client sends."""

    def __init__(self):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(10)
        self.port = self._socket.getsockname()[1]

    def take(self, count):
        return [self._socket.recv(65507) for _ in range(count)]

    def rest(self):
        """What came besides, up to a datagram sent now: one socket keeps the order."""
        mark = b"\0end"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.sendto(mark, ("127.0.0.1", self.port))
        return list(iter(lambda: self._socket.recv(65507), mark))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()


def run_program(source, environment, options=()):
    """A Python program in a process of its own, with the platform's variables only as given."""
    inherited = {key: value for key, value in os.environ.items() if key not in PLATFORM}
    return subprocess.run(
        [sys.executable, *options, "-c", source],
        env={**inherited, "PYTHONPATH": PACKAGE, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        timeout=30,
        universal_newlines=True,
    )


def in_job(port, job_id="jtest0001"):
    return {"PS_JOB_ID": job_id, "STATSD_HOST": "127.0.0.1", "STATSD_PORT": str(port)}
