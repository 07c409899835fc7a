"""Engines that read status pages, one file each; found by file name."""
