"""What an answer to a create names."""

from __future__ import annotations

import pytest

from genmedia_client.answers import read_task


def test_what_names_a_task() -> None:
    """Either of the two fields in use; a job that failed at once was accepted all the same."""
    assert read_task(b'{"id": "v1", "status": "queued"}').task_id == "v1"
    assert read_task(b'{"task_id": "t1"}').task_id == "t1"
    for body in (b"[]", b'{"id": 7}', b'{"id": "v", "status": "FAILED"}', b"[" * 100_000):
        with pytest.raises(ValueError, match=r"task|JSON"):
            read_task(body)
