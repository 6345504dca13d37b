"""One sample as a StatsD line. Numbers are written so that the same double is read back."""

import math
import operator
import re

_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")


class Refused(Exception):
    """Why this sample cannot be sent, put into words only when somebody asks."""

    def __init__(self, culprit, reason):
        super().__init__(culprit, reason)

    def __str__(self):
        culprit, reason = self.args
        return "%s %s" % (_shown(culprit), reason)


def line_of(metric, number, rest):
    return b"%s:%s%s" % (_name(metric), repr(number).encode("ascii"), rest)


def exact_number(value):
    """The int or float that ``value`` stands for: a number, its text, a scalar of numpy, torch and others."""
    kind = type(value)
    number = value if kind is float or kind is int else _plain(value)
    try:
        if math.isfinite(number):
            return number
    except OverflowError:
        pass
    raise Refused(value, "is not a number that can be drawn")


def _name(metric):
    match = _NAME.fullmatch(metric) if isinstance(metric, str) else None  # `$` takes a final newline
    if match is None:
        raise Refused(metric, "is no name: it takes 1 to 128 of A-Z a-z 0-9 _ -")
    return match.group().encode("ascii")


def _plain(value):
    """Without the type's own repr: numpy's reads ``np.float64(0.1)``, an enum's is its label."""
    scalar = _scalar(value)
    if isinstance(scalar, float):
        return float.__float__(scalar)
    for convert in (operator.index, float):
        try:
            number = convert(scalar)
        except Exception:
            continue
        return int(number) if isinstance(number, int) else number
    raise Refused(value, "is not a number")


def _scalar(value):
    try:
        return value.item()
    except Exception:
        return value


def _shown(value):
    try:
        return repr(value)[:150]
    except Exception:
        return "the value"
