"""Tests of the demo world; a package, so that file names may repeat beside it."""
