"""What applications import: a client that goes from one channel to the next, and never pays twice."""

from genmedia_client.client import (
    AsyncFallbackClient,
    Channel,
    ChannelError,
    FallbackClient,
    Result,
)

__all__ = ["AsyncFallbackClient", "Channel", "ChannelError", "FallbackClient", "Result"]
