"""The process: startup, the loops that live together, ordered shutdown, signals, logs."""
