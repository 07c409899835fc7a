"""Vendors' status pages: fetched, read by engines, and reported beside the probes."""
