"""A discrete-time world of clusters, workloads and faults."""
