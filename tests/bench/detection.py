"""What $1 a day finds, against the article's monitor, on one schedule of faults in simulated time.

Run: python -m tests.bench.detection [--schedule FILE] [--fleet NAME] [--days N] [--seed N]
     [--budget USD] [--format text|json] [--details] [--print-schedule]

Two monitors watch the same pretend services, each in a world of its own that counts what it
charges: the article's (a paid create every 300 s per target, with the vendor's default parameters;
down at the first create or poll that fails, up at the first that succeeds) and the exporter with
its default configuration and a budget of $1 a day. Of the exporter, everything is the real thing:
scheduler, prober, drivers, classifier, board, budget, ledger; only sockets and clock are pretended.

A schedule is a JSON list of {"target", "kind", "start_s", "end_s"}, the kinds being those of
exporter/genmedia_exporter/demo/faults.py, seconds counting from the schedule's beginning, which comes after an hour
of quiet. Without --schedule one is drawn (schedule.draw). A schedule whose targets are all of the
default fleet is watched by the whole of it, any other by its own targets alone, unless --fleet
says who else is there. A target may be any name: of a fleet, of the demo configuration, of a demo
service; others are watched as copies of the default fleet's targets, in turn, and standard error
says so, as it does where a service has no words for a kind and shows its nearest.

Dollars a day are all that the services have charged each monitor, from its start to its end, by
the days that it lived. Both live from midnight to midnight, for a budget is by the day: for the
hour of quiet and the days of the schedule, and on to the end of the last day. Days are at least
seven unless --days says otherwise: at its start the exporter makes one of everything, which is not
what a day costs. In two days it may be a dollar each; it is never more.

What cannot be had: no fault of six hours missed that only a generation shows takes four clips a
day, the article's monitor makes 288. Of a single target whose clip costs both the same (an image
at a fixed price) that is 1/72 at best, and 1/69 as turns come a little early. A hundredth takes
a fleet, or a target of which the exporter asks for a cheaper clip than the vendor's default. And
a dollar does not buy four clips of $0.40: such a target is looked at as often as the dollar allows.

How delays, misses and false alarms are counted is said in tests/bench/sim/score.py. The keys of
--format json are stable: {"ours": {...}, "article": {...}, "ratio_usd": ours / article, "days",
"seed", "fleet"}, where both monitors have "usd_per_day", "median_delay_s", "p95_delay_s" (null when
nothing was found), "missed_over_10min", "missed_free_visible_over_10min",
"missed_generation_only_over_6h", "false_alarms", "faults", "detected", and the same delays for each
sort of faults alone. Exit status 1: the schedule cannot be used, and why.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

from genmedia_exporter.config.problems import Problems
from tests.bench.sim.fleet import DEFAULT, FLEETS, roster
from tests.bench.sim.run import WARM_UP, Case, check, free_visible, watch_article, watch_ours
from tests.bench.sim.schedule import DAY, Fault, ScheduleError, draw, read_schedule
from tests.bench.sim.score import Score, score
from tests.bench.sim.world import showable

USUAL_DAYS: Final = 7.0
"""Simulated days at least: a start is not what a day costs."""
ROWS: Final = (
    ("dollars a day", "usd_per_day"),
    ("median delay", "median_delay_s"),
    ("95th percentile", "p95_delay_s"),
    ("  free depths show: median", "median_delay_free_visible_s"),
    ("  free depths show: 95th", "p95_delay_free_visible_s"),
    ("  generation only: median", "median_delay_generation_only_s"),
    ("  generation only: 95th", "p95_delay_generation_only_s"),
    ("faults found", "detected"),
    ("missed, over 10 min", "missed_over_10min"),
    ("  free depths show them", "missed_free_visible_over_10min"),
    ("  generation only", "missed_generation_only_over_10min"),
    ("  generation only, over 6 h", "missed_generation_only_over_6h"),
    ("false alarms", "false_alarms"),
)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.detection")
    parser.add_argument("--schedule", type=Path, metavar="FILE", help="JSON list of faults")
    parser.add_argument(
        "--fleet", choices=FLEETS, help="watched besides a schedule's (default: above)"
    )
    parser.add_argument(
        "--days", type=_days, help="simulated days (default: the schedule's, at least 7)"
    )
    parser.add_argument("--seed", type=int, default=1, help="of chance in schedule and world")
    parser.add_argument("--budget", type=float, default=1.0, metavar="USD", help="ours, a day")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--details", action="store_true", help="list every fault and false alarm")
    parser.add_argument("--print-schedule", action="store_true", help="print it and end")
    return parser.parse_args(arguments)


def _days(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.01 <= value <= 366:
        raise argparse.ArgumentTypeError("must be a number of days from 0.01 to 366")
    return value


def case_of(args: argparse.Namespace) -> Case:
    """Return what is to be run. Raises ScheduleError."""
    if args.schedule is None:
        watched, days = FLEETS[args.fleet or "default"], args.days or USUAL_DAYS
        return Case(watched, draw(watched, days, args.seed), days, args.seed, args.budget)
    faults = read_schedule(args.schedule)
    last = max((f.end for f in faults), default=DAY)
    days = args.days or max(USUAL_DAYS, float(math.ceil(last / DAY)))
    kept = [replace(f, end=min(f.end, days * DAY)) for f in faults if f.start < days * DAY]
    if len(kept) < len(faults):
        note(f"{len(faults) - len(kept)} faults begin after {days:g} days and are left out")
    names = dict.fromkeys(f.target for f in kept)
    others = DEFAULT if names.keys() <= {w.name for w in DEFAULT} else ()
    found = roster(names, FLEETS[args.fleet] if args.fleet else others)
    for said in found.notes:
        note(said)
    watched = tuple(found.watched)
    service = {w.name: w.service for w in watched}
    for target, kind in sorted({(f.target, f.kind) for f in kept}):
        shown = showable(service[target], kind)
        if shown != kind:
            note(f"{target} ({service[target]}) cannot show {kind}; it shows {shown} instead")
    return Case(watched, kept, days, args.seed, args.budget)


def note(text: str) -> None:
    """Tell the reader something that is not a result."""
    sys.stderr.write(f"note: {text}\n")


def progress(who: str) -> Callable[[float], None]:
    """Return what shows how far a monitor's life has come, on a terminal."""

    def told(share: float) -> None:
        if sys.stderr.isatty():
            end = "\n" if share >= 1 else ""
            sys.stderr.write(f"\r{who}: {share:4.0%} of the time has passed{end}")
            sys.stderr.flush()

    return told


def measure(case: Case) -> tuple[Score, Score]:
    """Return how the exporter and the article's monitor did."""
    faults, visible = case.shifted(), free_visible(case)
    article = watch_article(case, progress("article"))
    ours = watch_ours(case, progress("ours"))
    return (
        score(faults, ours.lines, ours.usd_per_day, visible),
        score(faults, article.lines, article.usd_per_day, visible),
    )


def as_json(case: Case, ours: Score, article: Score, fleet: str) -> dict[str, Any]:
    """Return the result with its documented keys."""
    ratio = ours.usd_per_day / article.usd_per_day if article.usd_per_day else None
    return {
        "ours": ours.as_json(),
        "article": article.as_json(),
        "ratio_usd": None if ratio is None else round(ratio, 6),
        "days": case.days,
        "seed": case.seed,
        "fleet": {"name": fleet, "targets": [w.name for w in case.watched]},
    }


def as_text(result: dict[str, Any]) -> str:
    """Return the result as a table."""
    ours, article = result["ours"], result["article"]
    names = ", ".join(result["fleet"]["targets"])
    lines = [
        f"{result['days']:g} days, {ours['faults']} faults, seed {result['seed']}; watched: {names}",
        f"{'':<28}{'ours':>12}{'article':>12}",
    ]
    for title, key in ROWS:
        cells = (_cell(key, m[key]) for m in (ours, article))
        lines.append(f"{title:<28}" + "".join(f"{cell:>12}" for cell in cells))
    if ours["usd_per_day"]:
        lines.append(
            f"The article's costs {article['usd_per_day'] / ours['usd_per_day']:.0f} times as much."
        )
    return "\n".join(lines)


def _cell(key: str, value: float | None) -> str:
    if value is None:
        return "-"
    if key.endswith("_s"):
        return f"{value:.0f} s" if value < 3_600 else f"{value / 3_600:.1f} h"
    return f"${value:,.2f}" if key == "usd_per_day" else f"{value:d}"


def details(who: str, found: Score) -> str:
    """Return every fault with what became of it, and every false alarm."""
    lines = [f"-- {who}"]
    for f in found.findings:
        delay = "already in alarm" if f.delay is None else f"after {f.delay:.0f} s"
        sort = "free" if f.free_visible else "generation only"
        lines.append(
            f"{f.fault.start - WARM_UP:9.0f} s {f.fault.target}: {f.fault.kind} for "
            f"{f.fault.seconds:.0f} s ({sort}): {delay if f.found else 'not found'}"
        )
    lines += [
        f"{at - WARM_UP:9.0f} s {t}: false alarm, {word}" for at, t, word in found.false_alarms
    ]
    return "\n".join(lines)


def schedule_json(faults: Sequence[Fault]) -> str:
    """Return a schedule as its file says it."""
    names = {"start": "start_s", "end": "end_s"}
    items = [{names.get(k, k): v for k, v in asdict(f).items()} for f in faults]
    return "[\n" + ",\n".join(json.dumps(item) for item in items) + "\n]"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the comparison and print it."""
    args = parse(arguments)
    try:
        case = case_of(args)
        check(case)
    except ScheduleError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except Problems as error:
        said = "; ".join(problem.message for problem in error.problems)
        sys.stderr.write(f"{args.schedule}: the exporter takes no such target: {said}\n")
        return 1
    logging.disable(logging.WARNING)
    try:
        return compare(args, case)
    finally:
        logging.disable(logging.NOTSET)


def compare(args: argparse.Namespace, case: Case) -> int:
    """Run the comparison and print it, or only its schedule."""
    if args.print_schedule:
        sys.stdout.write(schedule_json(case.faults) + "\n")
        return 0
    ours, article = measure(case)
    name = args.fleet or ("schedule" if args.schedule else "default")
    result = as_json(case, ours, article, name)
    if args.format == "json":
        sys.stdout.write(json.dumps(result, indent=2) + "\n")
    else:
        sys.stdout.write(as_text(result) + "\n")
    if args.details:
        out = sys.stderr if args.format == "json" else sys.stdout
        out.write(f"{details('ours', ours)}\n{details('article', article)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
