"""One file for each path that is served."""
