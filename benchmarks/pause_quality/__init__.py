"""How well pausing is decided on recorded traces, against the usual ways."""
