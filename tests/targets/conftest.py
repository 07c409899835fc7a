"""The small provider files and configurations of the tests of config."""

from tests.config.conftest import catalogue, folder, load, resolved

__all__ = ["catalogue", "folder", "load", "resolved"]
