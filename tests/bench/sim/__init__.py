"""A simulated day: the real exporter and the demo world's services on a clock that jumps."""
