"""The assets are real enough for a probe that reads their first KiB."""

from genmedia_exporter.demo.media import file_response, make_mp4, make_png


def test_ranges_of_a_file() -> None:
    """A part, the end, past the end, and nonsense, which is the whole."""
    data = bytes(range(100))
    seen = {
        asked: file_response(data, "x/y", asked)
        for asked in ("bytes=0-9", "bytes=-5", "bytes=90-999", "bytes=100-", "words=1", "")
    }
    assert [(a.status, len(a.body)) for a in seen.values()] == [
        (206, 10),
        (206, 5),
        (206, 10),
        (416, 0),
        (200, 100),
        (200, 100),
    ]
    assert ("content-range", "bytes 90-99/100") in seen["bytes=90-999"].headers


def test_media_say_what_they_are() -> None:
    """Sizes and durations stand in the headers; the moov fits the first KiB; a blank differs."""
    video = make_mp4(8.0, 1280, 720)
    place = video.index(b"mvhd")
    assert int.from_bytes(video[place + 16 : place + 20]) == 1000
    assert int.from_bytes(video[place + 20 : place + 24]) == 8000
    assert video.index(b"mdat") < 1024
    assert (1280 << 16).to_bytes(4) + (720 << 16).to_bytes(4) in video
    assert make_png(64, 32)[16:24] == (64).to_bytes(4) + (32).to_bytes(4)
    assert make_png(64, 32) != make_png(64, 32, blank=True)
