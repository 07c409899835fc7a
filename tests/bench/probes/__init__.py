"""What the benches of probes share: a service to probe, and other programs that probe it."""
