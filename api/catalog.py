"""The catalogue: what PostgreSQL says about the functions to serve."""

import json
from collections.abc import AsyncIterator, Callable, Generator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from psycopg import AsyncConnection

from api.slices import in_slices

# As many as PostgreSQL makes in a millisecond or two: it shares the processors with the calls.
_ROWS = 50
_FUNCTIONS = resources.files(__package__).joinpath("catalog_functions.sql").read_text()
_BESIDE = resources.files(__package__).joinpath("catalog.sql").read_text()
_SNAPSHOT = "set transaction isolation level repeatable read, read only"


@dataclass(frozen=True, slots=True)
class Check:
    """A CHECK of a domain. `expression` is as PostgreSQL prints it, with VALUE for the value."""

    name: str
    expression: str
    comment: str | None


@dataclass(frozen=True, slots=True)
class Attribute:
    """A field of a composite type, or a column of a table's row type."""

    name: str
    type: int
    typmod: int
    not_null: bool
    comment: str | None


@dataclass(frozen=True, slots=True)
class PgType:
    """A type; other types are referred to by oid, so that types may refer to each other.

    `kind` is pg_type.typtype, `category` pg_type.typcategory, `sql` the name to cast with.
    """

    oid: int
    schema: str
    name: str
    sql: str
    kind: str
    category: str
    element: int | None
    delimiter: str
    base: int | None
    typmod: int
    not_null: bool
    comment: str | None
    labels: tuple[str, ...]
    checks: tuple[Check, ...]
    attributes: tuple[Attribute, ...]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a function. `mode` is one of i, o, b, v, t, as in pg_proc.proargmodes."""

    name: str
    type: int
    mode: str
    default: str | None


@dataclass(frozen=True, slots=True)
class Function:
    """A function whose comment may make it an endpoint, and the roles that may execute it."""

    oid: int
    schema: str
    name: str
    comment: str
    kind: str
    volatility: str
    returns_set: bool
    return_type: int
    variadic: bool
    parameters: tuple[Parameter, ...]
    sets_response: bool
    roles: frozenset[str]

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True, slots=True)
class Rule:
    """A constraint or unique index: what an error can name. `kind` is pg_constraint.contype."""

    schema: str
    name: str
    on: str
    kind: str
    columns: tuple[str, ...]
    comment: str | None


@dataclass(frozen=True, slots=True)
class Catalog:
    """One reading of the catalogue.

    `sets_response` is whether any function of the database sets response.status or .headers,
    `defers` whether it has deferred triggers, and penstock.settle(). `touched` are the names of
    the tags that something in it may touch, and None where it has no penstock.touches that we may
    read. `keeps` is whether it has penstock.idempotency_keep(), `goes_on` whether
    penstock.long_call_begin(). `decoded` are the objects by the text that they were made of, for
    the next reading.
    """

    functions: tuple[Function, ...]
    types: Mapping[int, PgType]
    rules: tuple[Rule, ...]
    sets_response: bool
    defers: bool = False
    touched: frozenset[str] | None = None
    _by_name: Mapping[str, Rule] = field(default_factory=dict)
    keeps: bool = False
    goes_on: bool = False
    decoded: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def builds_like(self, other: "Catalog") -> bool:
        """Whether a function makes the same endpoint in both, so far as they have it in common."""
        return (
            self.types == other.types
            and self.sets_response == other.sets_response
            and self.defers == other.defers
            and self.touched == other.touched
            and self.keeps == other.keeps
            and self.goes_on == other.goes_on
        )

    def rule(self, schema: str | None, on: str | None, name: str) -> Rule | None:
        """The rule of that name, preferring the one an error names in full."""
        exact = self._by_name.get(f"{schema}.{on}.{name}")
        return exact or self._by_name.get(name)

    def root(self, type_: PgType) -> PgType:
        """The type under all domains, or the type itself."""
        while type_.base is not None:
            type_ = self.types[type_.base]
        return type_

    def modifier(self, type_: PgType) -> int:
        """The type modifier that a domain or one of those under it sets; -1 without one."""
        while type_.base is not None and type_.typmod < 0:
            type_ = self.types[type_.base]
        return type_.typmod


async def read(
    connection: AsyncConnection[Any],
    schemas: list[str],
    roles: list[str],
    before: Catalog | None = None,
) -> Catalog:
    """Read the catalogue as one snapshot; `roles` are those callers may have.

    What stayed as it was in the reading `before` is the same object.
    """
    found = _Found(before.decoded if before else {})
    async with connection.transaction():
        await connection.execute(_SNAPSHOT)
        async for rows in _rows(connection, _FUNCTIONS, {"schemas": schemas, "roles": roles}):
            await in_slices(found.take(rows))
        async for rows in _rows(connection, _BESIDE, {"schemas": schemas, "types": [*found.named]}):
            await in_slices(found.take(rows))
    return found.catalog()


async def _rows(
    connection: AsyncConnection[Any], query: str, parameters: Mapping[str, Any]
) -> AsyncIterator[list[tuple[str, str]]]:
    """Some rows at a time, made when they are asked for."""
    async with connection.cursor("catalogue") as cursor:
        await cursor.execute(query, parameters)
        while rows := await cursor.fetchmany(_ROWS):
            yield rows


@dataclass
class _Found:
    """What was read so far.

    `before` are objects of an earlier reading by their text, `named` the oids of types that the
    functions name.
    """

    before: Mapping[str, Any]
    decoded: dict[str, Any] = field(default_factory=dict)
    named: set[int] = field(default_factory=set)
    functions: list[Function] = field(default_factory=list)
    types: dict[int, PgType] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    sets_response: bool = False
    defers: bool = False
    touched: frozenset[str] | None = None
    keeps: bool = False
    goes_on: bool = False
    by_name: dict[str, Rule] = field(default_factory=dict)

    def take(self, rows: list[tuple[str, str]]) -> Generator[None, None, None]:
        """Take rows of either query."""
        for kind, text in rows:
            made = self.before.get(text)
            if made is None:
                value = json.loads(text)
                made = _MADE[kind](value) if kind in _MADE else value
            self.decoded[text] = made
            match kind:
                case "function":
                    self.functions.append(made)
                    self.named.add(made.return_type)
                    self.named.update(each.type for each in made.parameters)
                case "type":
                    self.types[made.oid] = made
                case "rule":
                    self._take_rule(made)
                case "touched":
                    self.touched = None if made is None else frozenset(made)
                case "keeps":
                    self.keeps = made
                case "goes_on":
                    self.goes_on = made
                case "defers":
                    self.defers = made
                case _:
                    self.sets_response = made
            yield

    def _take_rule(self, rule: Rule) -> None:
        self.rules.append(rule)
        self.by_name[rule.name] = rule
        self.by_name[f"{rule.schema}.{rule.on}.{rule.name}"] = rule

    def catalog(self) -> Catalog:
        """All of it."""
        return Catalog(
            tuple(self.functions),
            self.types,
            tuple(self.rules),
            self.sets_response,
            self.defers,
            self.touched,
            self.by_name,
            keeps=self.keeps,
            goes_on=self.goes_on,
            decoded=self.decoded,
        )


def _rule(row: dict[str, Any]) -> Rule:
    return Rule(**{**row, "columns": tuple(row["columns"] or ())})


def _type(row: dict[str, Any]) -> PgType:
    return PgType(
        **{
            **row,
            "labels": tuple(row["labels"] or ()),
            "checks": tuple(Check(**check) for check in row["checks"] or ()),
            "attributes": tuple(Attribute(**each) for each in row["attributes"] or ()),
        }
    )


def _function(row: dict[str, Any]) -> Function:
    types = row.pop("arg_types")
    modes = row.pop("arg_modes") or ["i"] * len(types)
    names = row.pop("arg_names") or [""] * len(types)
    defaults = row.pop("defaults") or [None] * len(types)
    parameters = tuple(
        Parameter(name, type_, mode, default)
        for name, type_, mode, default in zip(names, types, modes, defaults, strict=True)
    )
    return Function(**{**row, "parameters": parameters, "roles": frozenset(row["roles"])})


_MADE: Mapping[str, Callable[[dict[str, Any]], Any]] = {
    "function": _function,
    "type": _type,
    "rule": _rule,
}
