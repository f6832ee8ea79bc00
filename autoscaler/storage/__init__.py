"""What outlives the process: clusters, their samples, and the journal of decisions."""
