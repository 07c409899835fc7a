"""What a target is now: the board, hysteresis, baselines, our own network, uptime."""
