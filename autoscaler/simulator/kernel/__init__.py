"""The simulated cluster compiled: one writer under a whole path of ranges, for thousands of backtests a tuning."""
