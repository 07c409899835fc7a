"""The demo world: pretend providers on one real socket, for the first run, the tests and benchmarks.

It is a program of its own and imports nothing from the rest of the exporter, so that what the
exporter believes about a wire is checked against a second, independent reading of it.
"""
