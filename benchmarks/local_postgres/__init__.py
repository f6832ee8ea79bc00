"""The simulator beside a real PostgreSQL on this machine."""
