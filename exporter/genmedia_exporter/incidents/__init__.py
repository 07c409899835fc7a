"""Incidents: targets of one vendor, of one account, or of our network, that fail together."""
