"""Policies and their combinators; found through the entry points `autoscaler.policies`."""
