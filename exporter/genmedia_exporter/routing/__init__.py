"""Which channel to call now, best first, and why."""
