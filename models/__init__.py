"""Forecasters and what they share; found through the entry points `autoscaler.forecasters`."""
