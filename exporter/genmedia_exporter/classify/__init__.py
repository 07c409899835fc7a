"""What an answer means: pure functions from evidence to a verdict."""
