"""Sends a job's custom metrics to Plotline. The same API as the package of this name on PyPI."""

from gradient_statsd.client import Client

__version__ = "1.0.1+plotline.1"

__all__ = ["Client"]
