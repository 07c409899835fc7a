"""Prometheus exporter for AI video and image generation APIs."""

__version__ = "0.1.0"
