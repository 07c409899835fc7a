"""Paid probes: limits, forecast, ledger, and which target is probed next with the money there is."""
