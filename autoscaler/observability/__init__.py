"""How the service tells what it does: log lines and Prometheus metrics. Every name is in docs/vocabulary.md."""
