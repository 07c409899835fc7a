"""The fault catalogue: what a broken service can put on the wire, and what a prober must make of it."""
