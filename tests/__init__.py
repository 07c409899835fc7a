"""The suite: real sockets against the demo world, and small named fakes."""
