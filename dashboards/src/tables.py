"""Tables: several instant queries merged into one row for each target, and how columns look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from grafana_foundation_sdk.builders import common, prometheus, table
from grafana_foundation_sdk.models import common as kinds
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models import prometheus as prometheus_kinds

from dashboards.src.palette import PLAIN, STATUSES, Steps, nothing
from dashboards.src.panels import dress, letter, query, to_target
from dashboards.src.promql import latest

NOTHING: Final = "–"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: a label's name, or the value of a query of its own."""

    title: str
    source: str  # the label, or the expression where `value`
    value: bool = True
    unit: str = "none"
    decimals: int | None = None
    width: int | None = None
    mappings: list[model.ValueMapping] = field(default_factory=list)
    steps: Steps = ()
    empty: str = NOTHING
    link: str = ""  # "target", or a URL
    shown: bool = True  # False: asked only for its labels

    def properties(self) -> list[model.DynamicConfigValue]:
        """Return how the column looks, as overrides of the panel's defaults."""
        found: dict[str, object] = {"unit": self.unit, "noValue": self.empty}
        if self.decimals is not None:
            found["decimals"] = self.decimals
        if self.width is not None:
            found["custom.width"] = self.width
        if self.mappings or self.steps:
            found["mappings"] = [*self.mappings, nothing(self.empty, PLAIN)]
            found["custom.cellOptions"] = {"type": "color-background", "mode": "basic"}
        if self.mappings:
            found["custom.align"] = "left"  # words, though they stand for numbers
        if self.steps:
            steps = [{"value": value, "color": colour} for value, colour in self.steps]
            found["thresholds"] = {"mode": "absolute", "steps": steps}
        if self.link == "target":
            link = to_target(f"__data.fields.{self.title}").build()
            found["links"] = [{"title": link.title, "url": link.url}]
        elif self.link:
            found["links"] = [{"title": self.title, "url": self.link, "targetBlank": True}]
        return [model.DynamicConfigValue(id_val=name, value=value) for name, value in found.items()]


def label(title: str, name: str, *, width: int | None = None, link: str = "") -> Column:
    """Return a column of a label's values."""
    return Column(title, name, value=False, unit="string", width=width, link=link)


def labels_of(expression: str) -> Column:
    """Return no column, but the labels of *expression* for others to show."""
    return Column("", expression, shown=False)


def rank(title: str, expression: str) -> Column:
    """Return no column, but a value to sort the rows by, under this title."""
    return Column(title, expression, shown=False)


def share(title: str, expression: str, steps: Steps, *, width: int = 85) -> Column:
    """Return a column of a ratio, as a percentage."""
    return Column(title, expression, unit="percentunit", decimals=2, width=width, steps=steps)


def dollars(title: str, expression: str, *, decimals: int = 3, width: int = 90) -> Column:
    """Return a column of US dollars."""
    return Column(title, expression, unit="currencyUSD", decimals=decimals, width=width)


def target(width: int | None = None) -> Column:
    """Return the column that leads to the page of each target."""
    return label("Target", "target", width=width, link="target")


def status(code: str, *, width: int) -> Column:
    """Return the column of a target's status, given its code."""
    return Column("Status", code, mappings=STATUSES, width=width)


def price(*, width: int, unit_width: int) -> tuple[Column, Column]:
    """Return the columns of what a target costs, and of the unit that costs it."""
    asked = latest("genmedia_target_price_usd", "target, unit")
    return dollars("Price", asked, width=width), label("per", "unit", width=unit_width)


def duration(title: str, seconds: str, steps: Steps = (), *, width: int) -> Column:
    """Return a column of lengths of time as "1 week, 5 days"; one that is over is "ago"."""
    return Column(title, seconds, unit="dtdurations", decimals=1, width=width, steps=steps)


def moment(title: str, seconds: str, *, width: int = 140) -> Column:
    """Return a column of times, given in Unix seconds, as "3 hours ago" or "in 8 days"."""
    return Column(title, f"({seconds}) * 1000", unit="dateTimeFromNow", width=width)


def grid(
    title: str,
    description: str,
    columns: Sequence[Column],
    *,
    size: tuple[int, int],
    empty: str,
    sort: str,
    descending: bool = False,
) -> table.Panel:
    """Return a table with *columns* in their order; rows of the queries merge on shared labels.

    *sort* is the title of a column, or of a rank: rows then come sorted, and no header says so.
    """
    values = [column for column in columns if column.value]
    queries = [_of_now(column, index) for index, column in enumerate(values)]
    panel = _sorted(_step(table.Panel(), "merge", {}), values, sort, descending)
    panel = _arranged(panel, columns, values)
    panel = panel.filterable(False).cell_height(kinds.TableCellHeight.SM)
    panel = dress(panel, title, description, queries, size=size, empty=empty)
    for column in _shown(columns):
        panel = panel.override_by_name(column.title, column.properties())
    return panel


def _of_now(column: Column, index: int) -> prometheus.Dataquery:
    form = prometheus_kinds.PromQueryFormat.TABLE
    return query(column.source, name=letter(index), now=True, form=form)


def _shown(columns: Sequence[Column]) -> list[Column]:
    return [column for column in columns if column.shown]


def _field(column: Column, values: Sequence[Column]) -> str:
    """Return what Grafana calls the column before it is renamed."""
    if not column.value:
        return column.source
    return "Value" if len(values) == 1 else f"Value #{letter(values.index(column))}"


def _sorted(
    panel: table.Panel, values: Sequence[Column], title: str, descending: bool
) -> table.Panel:
    """Sort by a column that is shown, in the panel; by a rank, while it is still there."""
    for column in values:
        if column.title == title and not column.shown:
            order = {"field": _field(column, values), "desc": descending}
            return _step(panel, "sortBy", {"fields": {}, "sort": [order]})
    return panel.sort_by([common.TableSortByFieldState().display_name(title).desc(descending)])


def _arranged(
    panel: table.Panel, columns: Sequence[Column], values: Sequence[Column]
) -> table.Panel:
    """Keep, order and name the columns; all others are left out."""
    fields = {_field(column, values): column.title for column in _shown(columns)}
    places: dict[str, object] = {
        "excludeByName": {},
        "indexByName": {name: index for index, name in enumerate(fields)},
        "renameByName": fields,
    }
    panel = _step(panel, "filterFieldsByName", {"include": {"names": list(fields)}})
    return _step(panel, "organize", places)


def _step(panel: table.Panel, kind: str, options: Mapping[str, object]) -> table.Panel:
    return panel.with_transformation(model.DataTransformerConfig(kind, options=options))
