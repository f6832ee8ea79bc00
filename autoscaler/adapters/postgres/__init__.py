"""A PostgreSQL on this machine as a sized serverless cluster: a server in a cgroup, behind a pooler that stays up."""
