"""What applications import: a client that falls back from one route to the next, and never pays twice.

It needs openai and httpx2. Only `from_config` needs the exporter, and imports it when it is called.
"""

from genmedia_client.client import AsyncFallbackClient, FallbackClient
from genmedia_client.result import Result, RouteError
from genmedia_client.routes import Route

__all__ = ["AsyncFallbackClient", "FallbackClient", "Result", "Route", "RouteError"]
