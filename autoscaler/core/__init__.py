"""Values and pure functions: no clock, no chance, no input or output."""
