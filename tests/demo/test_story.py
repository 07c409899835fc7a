"""The scripted day, on a clock that the tests move."""

from typing import Any

from genmedia_exporter.demo.story import DAY, Story


def test_story_puts_faults_in_force(visitor: Any) -> None:
    """Started by request; a scene can be healed, and comes back the next day."""
    name = "sora-2-pro-reverse"
    assert visitor.control("POST", "/story", {"running": True}).json()["running"]
    assert visitor.world.fault(name).kind == "suspended"
    visitor.world.clear_fault(name)
    assert visitor.world.fault(name) is None
    visitor.time.now += 600
    assert visitor.world.fault(name).kind == "suspended"
    visitor.world.set_fault(name, "hang")
    assert visitor.world.fault(name).kind == "hang"
    visitor.control("POST", "/story", {"running": False})
    visitor.world.clear_fault(name)
    assert visitor.world.fault(name) is None


def test_newcomer_soon_sees_three_kinds_of_trouble(time: Any) -> None:
    """Red at once, and three different kinds within the first minute and a half."""
    story = Story(time.clock, 600, running=True)
    assert [scene.kind for scene in story.in_force()] == ["suspended"]
    time.now += 60
    assert len({scene.kind for scene in story.in_force()}) >= 3
    time.now += 30
    assert len({scene.kind for scene in story.in_force()}) >= 3


def test_story_knows_its_place(time: Any) -> None:
    """Position, time of day and sentences follow the clock; the day repeats; a stop holds it."""
    story = Story(time.clock, 600, running=True)
    time.now += 330
    told: Any = story.tell()
    assert (told["position"], told["time_of_day"]) == (0.55, "13:12")
    assert any("retired" in sentence for sentence in told["now"])
    assert told["next"] == "In 42 seconds: The Veo gateway is under announced work."
    story.run(False)
    time.now += 1000
    assert story.in_force() == []
    story.run(True)
    time.now += 300
    assert round(story.position, 4) == 0.05


def test_script_is_possible(visitor: Any) -> None:
    """Every scene names a service that can show its kind, and scenes of one service never meet."""
    for scene in DAY:
        assert scene.fault.kind in visitor.world.services[scene.service].kinds
        assert 0 <= scene.start < scene.end <= 1
        rest = [s for s in DAY if s.service == scene.service and s is not scene]
        assert all(s.end <= scene.start or s.start >= scene.end for s in rest)
