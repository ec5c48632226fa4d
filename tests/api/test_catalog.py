"""Reading the catalogue: one snapshot, whatever is deployed meanwhile, and some rows at a time."""

from collections.abc import Generator
from typing import Any

import psycopg
import pytest

from api import catalog
from api.catalog import Catalog
from api.slices import in_slices
from db.database import Database
from tests.api.catalogue import read_catalog

MANY = 130
FUNCTIONS = f"""
    create domain shade as text check (value in ('light', 'dark'));
    do $$
    begin
        for n in 1..{MANY} loop
            execute format('create function paint_%1$s(shade shade) returns shade language sql'
                ' as ''select paint_%1$s.shade''', lpad(n::text, 3, '0'));
            execute format('comment on function paint_%1$s(shade) is ''Paint.

HTTP GET /paints/%1$s''', lpad(n::text, 3, '0'));
        end loop;
    end
    $$
"""


@pytest.fixture
def paints(empty_database: Database) -> Database:
    empty_database.psql(FUNCTIONS)
    return empty_database


def read(database: Database) -> Catalog:
    return read_catalog(database, ["public"], ["postgres"])


def test_what_is_dropped_meanwhile_is_there_with_its_types(
    paints: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Functions and types are two queries; between them a deployment may be committed."""
    dropped: list[str] = []

    async def meanwhile(work: Generator[None, None, Any]) -> Any:
        if not dropped:
            dropped.append(paints.psql("drop domain shade cascade"))
        return await in_slices(work)

    monkeypatch.setattr(catalog, "in_slices", meanwhile)
    found = read(paints)
    assert dropped
    named = {each.type for function in found.functions for each in function.parameters}
    assert {found.types[oid].name for oid in named} == {"shade"}
    monkeypatch.undo()
    assert read(paints).functions == ()


def test_functions_come_in_the_order_of_their_names(paints: Database) -> None:
    names = [each.name for each in read(paints).functions]
    assert names == [f"paint_{n + 1:03}" for n in range(MANY)]


def test_only_some_functions_are_made_at_a_time(
    paints: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL has the processors to itself for a millisecond or two, not for hundreds."""
    taken: list[int] = []
    take = catalog._Found.take

    def counted(self: Any, rows: list[tuple[str, str]]) -> Generator[None, None, None]:
        taken.append(len(rows))
        return take(self, rows)

    monkeypatch.setattr(catalog._Found, "take", counted)
    read(paints)
    assert max(taken) == 50
    with psycopg.connect(paints.superuser_url) as connection:
        plan = connection.execute(
            f"explain (verbose) declare c cursor for {catalog._FUNCTIONS}",
            {"schemas": ["public"], "roles": ["postgres"]},
        ).fetchall()
    # The objects are made above the sort, so one at a time: below it all of them would be.
    assert "json_build_object" in plan[1][0], plan
    assert "Sort" in plan[2][0], plan
