"""What the functions of api that read answer to each persona."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import psycopg
from psycopg import Connection, sql

from tests.security import house
from tests.security.house import Persona
from tests.security.relations import Relation


@dataclass(frozen=True)
class Call:
    """A function that reads, and what it has to be given: its required arguments."""

    oid: int
    name: str
    types: dict[str, str]
    given: dict[str, str]  # what is the same in every call
    about: Relation | None  # the rows of which each call names one, or which a list is of
    by: str = ""  # the argument that does

    @property
    def missing(self) -> list[str]:
        """The arguments for which there is no value."""
        return [name for name in self.types if name != self.by and name not in self.given]

    def __str__(self) -> str:
        about = f", for each of {self.about}" if self.by else ""
        about = about or (f", a list of {self.about}" if self.about else "")
        return f"{self.name}({', '.join(self.types)}){about}"


@dataclass
class Answer:
    """For which rows a function gives something, or which it lists; or how many it gives."""

    rows: set[int] = field(default_factory=set)
    unknown: bool = False  # whether it lists what isn't known by its id
    count: int = 0
    errors: Counter[str] = field(default_factory=Counter)

    def shown(self, call: Call, persona: Persona) -> str:
        if call.missing:
            return "not tried"
        if call.about and not self.unknown:
            text = call.about.named(self.rows, persona.person)
        else:
            text = "1 row" if self.count == 1 else f"{self.count} rows"
        told = (f"error {code} for {number}" for code, number in sorted(self.errors.items()))
        return ", ".join([text, *told])


def answer(connection: Connection, call: Call) -> Answer:
    """Call it, as the API does a function that reads."""
    found = Answer()
    if call.missing:
        return found
    about = call.about
    place = about.columns.index("id") if about else 0
    ids = [row[place] for row in about.rows] if about else []
    statement = sql.SQL(
        "select to_jsonb(r) ->> 'id' from {}({}) as r where not (r is null)"
    ).format(
        sql.Identifier(*call.name.split(".")),
        sql.SQL(", ").join(
            sql.SQL("{} => {}::" + type_).format(sql.Identifier(name), sql.Placeholder(name))
            for name, type_ in call.types.items()
        ),
    )
    for i, value in enumerate(ids if call.by else [None]):
        try:
            with connection.transaction(force_rollback=True):
                connection.execute("set local transaction_read_only = on")
                shown = connection.execute(statement, call.given | {call.by: value}).fetchall()
        except psycopg.Error as error:
            found.errors[error.sqlstate or "?"] += 1
            continue
        found.count += len(shown)
        if call.by:
            found.rows |= {i} if shown else set()
        elif about:
            found.rows |= {ids.index(id_) for (id_,) in shown if id_ in ids}
            found.unknown = any(id_ not in ids for (id_,) in shown)
    return found


def calls_of(boss: Connection, relations: Sequence[Relation]) -> list[Call]:
    """The functions of api that read. Their argument thing_id is the id of a row of things."""
    found = boss.execute("""
        select
            p.oid::bigint,
            p.oid::regproc::text,
            (
                select coalesce(
                    json_object_agg(
                        coalesce(p.proargnames[i], '$' || i),
                        format_type(p.proargtypes[i - 1], null)
                    ),
                    '{}'
                )
                from generate_series(1, p.pronargs - p.pronargdefaults) as i
            )
        from pg_proc as p
        where p.pronamespace = 'api'::regnamespace
            and p.provolatile <> 'v'
        order by p.proname collate "C"
    """).fetchall()
    tables = {each.name: each for each in relations if each.is_table and "id" in each.columns}
    calls = []
    for oid, name, types in found:
        things = {each: tables.get(each.removesuffix("_id") + "s") for each in types}
        by = next((each for each, table in things.items() if table), "")
        # thing_list is a list of things.
        listed = tables.get(name.partition("_list")[0].rpartition(".")[2] + "s") if not by else None
        given = {each: house.VALUES[each] for each in types if each in house.VALUES}
        calls.append(Call(oid, name, types, given, things.get(by, listed), by))
    return calls
