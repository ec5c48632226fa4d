"""An endpoint, as the rest of the API sees it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from api.annotation import Annotation
from api.cacheable import Cacheable
from api.catalog import Function, PgType
from api.encode import FromJson, FromText
from api.limits import Limits

WHOLE_BODY = ""  # the name of an argument that has none: it is the body itself


def plain(name: str) -> str:
    """A column's name as the header of a file may write it: any case, any punctuation."""
    return re.sub(r"[\W_]", "", name.casefold())


class Shape(Enum):
    """What a call answers with."""

    NOTHING = "void"
    ONE = "one row"
    MANY = "rows"
    VALUE = "a value"
    VALUES = "values"
    JSON = "json as it is"


@dataclass(frozen=True, slots=True)
class Argument:
    """A parameter as clients see it.

    `place` is path, query or body. `cursor_fields` are the fields of the last row that a @page
    cursor holds, and empty for any other argument.
    """

    name: str
    type: PgType
    place: str
    required: bool
    default: str | None
    variadic: bool
    from_json: FromJson
    from_text: FromText
    from_texts: Callable[[list[str], str], str] | None
    is_password: bool
    cursor_fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BulkField:
    """A field of a posted list. `cast` is what its text is cast to; empty where it need not be."""

    name: str
    type: PgType
    cast: str
    from_json: FromJson


@dataclass(frozen=True, slots=True)
class Bulk:
    """What a posted list is made of.

    `is_typed` is whether its fields are read by their types before the function sees them, and
    `needs` those that no line may lack then. `parts` is how many lines the function is called on
    at a time, None for all at once; lines with the same value of the field `by` are never apart.
    """

    type: PgType
    fields: tuple[BulkField, ...]
    needs: tuple[str, ...]
    is_typed: bool
    parts: int | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One route.

    `name` is what its speed is remembered by, `passwords` the arguments to hash. `columns` are
    the result's fields in order: (name, type, not null). `cache` is how its answers are kept, if
    they are, `limits` how often it may be called, if that is limited. `exports` is whether its list
    may be asked for as a file. `statements` holds the SQL made so far, by the arguments given.
    """

    name: str
    method: str
    path: str
    function: Function
    annotation: Annotation
    shape: Shape
    read_only: bool
    arguments: dict[str, Argument]
    aliases: dict[str, str]
    columns: tuple[tuple[str, PgType, bool], ...]
    status: int
    bulk: Bulk | None
    passwords: tuple[str, ...]
    cache: Cacheable | None
    limits: Limits | None = None
    exports: bool = False
    statements: dict[tuple[str, ...], str] = field(default_factory=dict)

    @property
    def roles(self) -> frozenset[str]:
        """The roles that hold EXECUTE."""
        return self.function.roles

    @property
    def has_etag(self) -> bool:
        """Whether its answers say what they are known by."""
        return self.cache is not None or self.annotation.etag is not None

    @property
    def takes_whole_body(self) -> bool:
        """Whether the one argument is the body itself."""
        return WHOLE_BODY in self.arguments
