"""What is watched: targets and accounts, resolved from the configuration and the catalogue."""
