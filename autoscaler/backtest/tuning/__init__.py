"""Choosing a policy for a cluster by trailing backtests on its own past."""
