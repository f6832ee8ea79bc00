"""The long-running service: ticks, supervision, training, leases, control."""
