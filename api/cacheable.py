"""What of a route may be kept, under which key, and what ends it: `@cache` made ready to use."""

import contextlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

from api.annotation import CachePolicy
from api.catalog import Catalog, PgType
from api.lane import Lookup
from api.tokens import Caller

EVERYTHING = "*"
SUBJECT = "sub"
_DIGEST_BYTES = 16
_INTEGERS = ("int2", "int4", "int8")
_TEXTS = ("text", "varchar")


class TagError(Exception):
    """Why a tag would not end an answer when it should."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of an answer: a name, and for one that names a thing the argument that says which."""

    name: str
    argument: str | None = None
    canonical: Callable[[str], str] = str

    def of(self, given: Mapping[str, str | None], caller: Caller) -> tuple[str, ...]:
        """The tags as the database touches them: product:7 by product:* as well."""
        if self.argument is None:
            return (self.name,)
        value = caller.subject if self.argument == SUBJECT else given[self.argument]
        return f"{self.name}:{self.canonical(value or '')}", f"{self.name}:*"


@dataclass(frozen=True, slots=True)
class Cacheable:
    """How the answers of one route are kept; `version` is the field that its ETags begin with."""

    route: str
    policy: CachePolicy
    tags: tuple[Tag, ...]
    version: str | None = None

    def sees(self, caller: Caller, anon_role: str) -> Caller:
        """The caller as the function sees them: no more than the answer's key holds."""
        match self.policy.vary:
            case "none":
                return Caller(anon_role, "")
            case "role":
                claims = f'{{"role": "{caller.role}"}}' if caller.claims else ""
                return Caller(caller.role, claims)
            case _:
                return Caller(caller.role, caller.identity, subject=caller.subject)

    def lookup(self, fingerprint: str, given: Mapping[str, str | None], caller: Caller) -> Lookup:
        """Where the answer to these arguments is, for a caller as the function sees them."""
        tags: list[str] = []
        for tag in self.tags:
            tags += tag.of(given, caller)
        if tags:
            tags.append(EVERYTHING)
        owner = _digest(f"{caller.role}\0{caller.claims}")
        # NUL is in no argument, so no two lists of them look the same.
        parts = [
            f"{name}\0{value}" if value is not None else name
            for name, value in sorted(given.items())
        ]
        key = blake2b(owner, digest_size=_DIGEST_BYTES)
        key.update("\0\0".join((self.route, fingerprint, *parts)).encode())
        return Lookup(
            self.route,
            self.policy,
            self.version,
            key.digest(),
            owner,
            tuple(tag.encode() for tag in dict.fromkeys(tags)),
        )


@lru_cache(10_000)
def _digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=_DIGEST_BYTES).digest()


def tags(
    catalog: Catalog, policy: CachePolicy, arguments: Mapping[str, tuple[PgType, bool]]
) -> tuple[Tag, ...]:
    """The tags of a policy. `arguments` are (type, whether required) by name.

    Raises TagError for one that would not be touched, or not in the form that it is looked for.
    """
    return tuple(_tag(catalog, policy, template, arguments) for template in policy.tags)


def _tag(
    catalog: Catalog,
    policy: CachePolicy,
    template: str,
    arguments: Mapping[str, tuple[PgType, bool]],
) -> Tag:
    name, _, argument = template.rstrip("}").partition(":{")
    if catalog.touched is None:
        raise TagError(
            f"has @cache with the tag {template}, but this database has no penstock.touch() that"
            " the API may listen to; without tags an answer counts for its time"
        )
    if name not in catalog.touched:
        raise TagError(
            f"has @cache with the tag {template}, which nothing touches: let a table do it with"
            f" call penstock.rows_tag('…', '{template}'), or a function with penstock.touch()"
        )
    if not argument:
        return Tag(name)
    if argument == SUBJECT and argument not in arguments:
        if policy.vary != "subject":
            raise TagError(f"has @cache with the tag {template} and vary={policy.vary}")
        return Tag(name, SUBJECT)
    type_, required = arguments.get(argument, (None, False))
    if type_ is None or not required:
        raise TagError(f"has @cache with the tag {template}, which is no required argument")
    return Tag(name, argument, _canonical(catalog, template, type_))


def _canonical(catalog: Catalog, template: str, type_: PgType) -> Callable[[str], str]:
    """From a value as clients write it to how PostgreSQL prints it: 007 is touched as 7.

    What Python can't read PostgreSQL refuses at Bind, so nothing is kept under it.
    """
    root = catalog.root(type_)
    if root.schema == "pg_catalog" and root.name in _INTEGERS:
        return _integer
    if root.schema == "pg_catalog" and root.name == "uuid":
        return _uuid
    is_text = root.schema == "pg_catalog" and root.name in _TEXTS and catalog.modifier(type_) < 0
    if is_text or root.kind == "e":
        return str
    raise TagError(
        f"has @cache with the tag {template}, of the type {type_.sql}, which can be written in"
        " several ways: a tag takes integers, uuid, text and enums"
    )


def _integer(text: str) -> str:
    """In any base, as PostgreSQL reads it from version 16 on: 0x7f is 127."""
    for base in (10, 0):
        with contextlib.suppress(ValueError):
            return str(int(text, base))
    return text


def _uuid(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return text
