"""Migrations of the store, shipped in the wheel as `autoscaler._migrations`."""
