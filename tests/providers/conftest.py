"""The small provider files of the tests of config."""

from tests.config.conftest import catalogue, folder

__all__ = ["catalogue", "folder"]
