"""What the reader of the job's log should know, each thing said once in a process."""

import sys

MAX_NOTICES = 100

_said: set = set()


def announce(text):
    """To standard output, as the package on PyPI does."""
    _say(text, lambda: text, "stdout")


def complain(topic, text):
    """To standard error. ``topic`` is what is said once; ``text`` is asked for only then."""
    _say(topic, text, "stderr")


def _say(topic, text, stream):
    try:
        if topic in _said or len(_said) >= MAX_NOTICES:
            return
        _said.add(topic)
        last = " (no further notices)" if len(_said) == MAX_NOTICES else ""
        file = getattr(sys, stream)
        file.write("Gradient-Statsd: %s%s\n" % (text(), last))
        file.flush()
    except Exception:  # a closed stream, a value that cannot even be shown: the job goes on
        pass
