"""The configuration file: read with line numbers, checked whole, every problem at once with its place."""
