"""The dashboards drawn: a recorded day, the answers of a real Prometheus, and pictures of both."""
