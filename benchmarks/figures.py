"""Figures: what a bench claims, with the goal it is held to, and how it is printed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from benchmarks.race import Result


@dataclass(frozen=True)
class Figure:
    """One number. `goal` is None where there is nothing to reach."""

    name: str
    value: float
    unit: str
    goal: float | None = None
    lower_is_better: bool = False

    @property
    def reached(self) -> bool:
        if self.goal is None:
            return True
        return self.value <= self.goal if self.lower_is_better else self.value >= self.goal


def shown(value: float) -> str:
    """Four digits that mean something, and no powers of ten."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.4g}"


def as_json(figures: Sequence[Figure]) -> str:
    """A JSON list, numbers rounded to what the clock can tell."""
    rows = [asdict(figure) | {"value": float(f"{figure.value:.4g}")} for figure in figures]
    return json.dumps(rows, indent=2)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table whose columns line up; the first is text, the others are numbers."""
    # Two at least: a rule is a dash and a colon.
    widths = [max(2, *(len(line[i]) for line in (header, *rows))) for i in range(len(header))]

    def line(cells: Sequence[str]) -> str:
        first, *others = cells
        padded = [f"{first:<{widths[0]}}"]
        padded += [f"{each:>{width}}" for each, width in zip(others, widths[1:], strict=True)]
        return f"| {' | '.join(padded)} |"

    rule = [":" + "-" * (widths[0] - 1), *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join([line(header), f"| {' | '.join(rule)} |", *(line(row) for row in rows)])


def results_table(results: Mapping[str, Result]) -> str:
    """One line a server."""
    header = ("", "requests/s", "p50 ms", "p99 ms", "CPU µs", "of database", "RSS MB", "PSS MB")
    rows = [
        (
            title, f"{each.rate:,.0f}", f"{each.p50:.1f}", f"{each.p99:.1f}", f"{each.cpu:.0f}",
            f"{each.database_cpu:.0f}", f"{each.rss:.0f}", f"{each.pss:.0f}",
        )
        for title, each in results.items()
    ]  # fmt: skip
    return table(header, rows)


def figures_table(figures: Sequence[Figure]) -> str:
    """One line a figure."""
    rows = []
    for figure in figures:
        sign = "≤" if figure.lower_is_better else "≥"
        goal = "" if figure.goal is None else f"{sign} {figure.goal:g}"
        verdict = "" if figure.goal is None else ("yes" if figure.reached else "no")
        rows.append((figure.name, shown(figure.value), figure.unit, goal, verdict))
    return table(("figure", "value", "unit", "goal", "reached"), rows)
