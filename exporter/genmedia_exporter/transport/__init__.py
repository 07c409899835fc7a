"""HTTP to services: bounded, timed phase by phase, never redirected, without our secrets in what is kept."""
