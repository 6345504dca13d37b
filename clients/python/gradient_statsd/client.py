from __future__ import annotations

import os

from gradient_statsd.destination import find_destination
from gradient_statsd.notices import announce, complain
from gradient_statsd.sample import exact_number, line_of
from gradient_statsd.sender import Sender

NO_JOB = "no job here (PS_JOB_ID is not set): nothing will be sent"
NO_SERVER = (
    "found no server: no host given, no STATSD_HOST or DD_AGENT_HOST, no default route. "
    "Nothing will be sent"
)


class Client:
    """Counters and gauges of the job that this program runs in.

    No method raises or waits, whatever it is given: a sample that cannot be sent is dropped, and
    standard error says why, once for each metric. Outside a job every method does nothing.

    host, port: the server; ``port`` counts only with ``host``, as ever. Without them the client
    takes STATSD_HOST and STATSD_PORT, else DD_AGENT_HOST and DD_DOGSTATSD_PORT, else port 8125 of
    the default gateway, which is how a container reaches its host.

    max_buffer_size: accepted and ignored. Every sample leaves at once, in a datagram of its own.
    """

    def __init__(
        self, host: str | None = None, port: int = 8125, max_buffer_size: int = 1
    ) -> None:
        self.host = host
        self.port = port
        self._max_buffer_size = max_buffer_size
        self._sender = None
        self._tags = b""
        try:
            self._start(os.environ.get("PS_JOB_ID"))
        except Exception as error:  # a metric must never end the job
            _complain_of_start(error)

    def increment(self, metric: str, value: object = 1) -> None:
        """Adds ``value`` to the counter."""
        self._send(metric, value, b"|c", 1)

    def decrement(self, metric: str, value: object = 1) -> None:
        """Takes ``value`` from the counter, which may go below zero."""
        self._send(metric, value, b"|c", -1)

    def gauge(self, metric: str, value: object) -> None:
        """Sets the gauge to ``value``. Negative values are values, not differences."""
        self._send(metric, value, b"|g", 1)

    @property
    def dropped(self) -> int:
        """Samples that the system would not send (full buffer, nobody listening), so far."""
        return 0 if self._sender is None else self._sender.dropped

    def close(self) -> None:
        """Gives the socket back. Nothing is held, so nothing is lost without it."""
        sender, self._sender = self._sender, None
        try:
            if sender is not None:
                sender.close()
        except OSError:
            pass

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self):
        try:
            self.close()
        except Exception:  # the interpreter may be half gone
            pass

    def __reduce__(self):
        # A client travels to worker processes as what it was made of; the socket stays here.
        return (type(self), (self.host, self.port, self._max_buffer_size))

    def _start(self, job_id):
        if not job_id:
            announce(NO_JOB)
            return
        destination = find_destination(self.host, self.port, os.environ)
        if destination is None:
            announce(NO_SERVER)
            return
        self._tags = b"|#container_name:" + os.fsencode(job_id)
        self._sender = Sender(*destination)
        announce("starting, job %s, server %s port %s" % ((job_id,) + tuple(destination)))

    def _send(self, metric, value, kind, sign):
        sender = self._sender
        if sender is None:
            return
        try:
            sender.send(line_of(metric, sign * exact_number(value), kind + self._tags))
        except Exception as error:  # a metric must never end the job
            _complain_of(metric, error)


def _complain_of_start(error):
    complain(Client, lambda: "could not start, nothing will be sent: %s" % error)


def _complain_of(metric, error):
    kind = type(metric)  # isinstance would ask the object, which may raise
    topic = metric if kind is str else kind
    complain(topic, lambda: "dropped a sample of %.130r: %s" % (metric, error))
