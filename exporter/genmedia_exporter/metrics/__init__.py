"""What Prometheus sees: a catalogue of metrics, and pure functions from state to samples."""
