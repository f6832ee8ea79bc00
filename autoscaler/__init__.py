"""Keeps serverless database clusters at the right size."""

__version__ = "0.1.0"
