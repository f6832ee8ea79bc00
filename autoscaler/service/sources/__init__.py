"""Where clusters come from: one file for each kind, one line for it in `kinds`."""
