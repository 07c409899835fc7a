"""Fuzzing by tools that are not locked: atheris, where it installs, and schemathesis. `make fuzz` runs what is there."""
