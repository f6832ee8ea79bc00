"""The ways to clusters and their metrics: simulated, Aurora, PostgreSQL, Prometheus."""
