"""Where the server is: given, named by the environment, or the default gateway."""

import socket
import sys

DEFAULT_PORT = 8125
ROUTES = "/proc/net/route"
_ROUTE_UP_BY_GATEWAY = 0x1 | 0x2  # RTF_UP, RTF_GATEWAY


def find_destination(host, port, environment, routes=ROUTES):
    """(host, port), or None where nothing tells. ``port`` counts only with ``host``."""
    if host is not None:
        return host, port
    return (
        _named(environment, "STATSD_HOST", "STATSD_PORT")
        or _named(environment, "DD_AGENT_HOST", "DD_DOGSTATSD_PORT")
        or _gateway(routes)
    )


def _named(environment, host_key, port_key):
    host = environment.get(host_key)
    return (host, _port_of(environment.get(port_key))) if host else None


def _port_of(text):
    # isdecimal alone would take digits of other scripts, which int() takes too: harmless.
    return int(text) if text and text.isdecimal() and len(text) <= 5 else DEFAULT_PORT


def _gateway(routes):
    try:
        with open(routes) as table:
            lines = table.readlines()
    except OSError:
        return None
    for line in lines[1:]:
        gateway = _default_gateway(line.split())
        if gateway is not None:
            return gateway, DEFAULT_PORT
    return None


def _default_gateway(fields):
    """Columns: interface, destination, gateway, flags, ...; addresses are hex in the machine's byte order."""
    if len(fields) < 4 or fields[1] != "00000000":
        return None
    try:
        address, flags = int(fields[2], 16), int(fields[3], 16)
        if flags & _ROUTE_UP_BY_GATEWAY != _ROUTE_UP_BY_GATEWAY:
            return None
        return socket.inet_ntoa(address.to_bytes(4, sys.byteorder))
    except (ValueError, OverflowError):
        return None
