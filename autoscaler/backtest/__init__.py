"""Replays workloads through the very code that decides live, and scores the outcome."""
