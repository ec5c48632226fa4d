"""PostgreSQL types as JSON Schema (draft 2020-12, as OpenAPI 3.1 uses it)."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from api.catalog import Attribute, Catalog, PgType
from api.checks import Limits, limits
from api.passwords import MAX_LENGTH, MIN_LENGTH, is_password_type

Schema = dict[str, Any]

_PLAIN: dict[str, Schema] = {
    "bool": {"type": "boolean"},
    "int2": {"type": "integer", "minimum": -(2**15), "maximum": 2**15 - 1},
    "int4": {"type": "integer", "format": "int32", "minimum": -(2**31), "maximum": 2**31 - 1},
    "int8": {"type": "integer", "format": "int64", "minimum": -(2**63), "maximum": 2**63 - 1},
    "oid": {"type": "integer", "minimum": 0, "maximum": 2**32 - 1},
    "float4": {"type": "number", "format": "float"},
    "float8": {"type": "number", "format": "double"},
    "numeric": {"type": "number"},
    "text": {"type": "string"},
    "varchar": {"type": "string"},
    "bpchar": {"type": "string"},
    "name": {"type": "string", "maxLength": 63},
    "uuid": {"type": "string", "format": "uuid"},
    "date": {"type": "string", "format": "date"},
    "time": {"type": "string", "description": "A time of day, as in 14:30:00."},
    "timetz": {"type": "string", "description": "A time of day with its offset."},
    "timestamp": {"type": "string", "description": "Date and time without a zone (ISO 8601)."},
    "timestamptz": {"type": "string", "format": "date-time"},
    "interval": {"type": "string", "format": "duration"},
    "bytea": {"type": "string", "description": r"Bytes in hexadecimal, as in \xc0ffee."},
    "inet": {"type": "string", "description": "An IP address, with or without a network."},
    "cidr": {"type": "string", "description": "A network, as in 10.0.0.0/8."},
    "json": {},
    "jsonb": {},
}


class Schemas:
    """Makes schemas; composites and enums become components, referred to by name."""

    def __init__(
        self, catalog: Catalog, api_schemas: tuple[str, ...], taken: Iterable[str] = ()
    ) -> None:
        self._catalog = catalog
        self._api_schemas = api_schemas
        self._taken = frozenset(taken)
        self._keys: dict[tuple[int, str], str] = {}
        self.components: dict[str, Schema] = {}

    def type(self, oid: int) -> PgType:
        """The type with that oid."""
        return self._catalog.types[oid]

    def of(self, type_: PgType, *, given: bool) -> Schema:
        """The schema of a type, as clients give it or get it."""
        if type_.base is not None:
            return self._domain(type_, given=given)
        if type_.element is not None:
            element = self.of(self._catalog.types[type_.element], given=given)
            return {"type": "array", "items": nullable(element)}
        if type_.kind == "e":
            return self._component(type_.name, type_, lambda: _enum(type_))
        if type_.kind == "c":
            name = f"{type_.name}_given" if given else type_.name
            return self._component(name, type_, lambda: self._composite(type_, given=given))
        plain = _PLAIN.get(type_.name)
        if plain is not None:
            return dict(plain)
        return {"type": "string", "description": f"As PostgreSQL writes {type_.sql}."}

    def field(self, attribute: Attribute, *, given: bool) -> Schema:
        """The schema of a composite's field."""
        type_ = self._catalog.types[attribute.type]
        schema = self.of(type_, given=given) | _typmod(type_, attribute.typmod)
        schema = schema if attribute.not_null and not given else nullable(schema)
        return described(schema, attribute.comment)

    def _component(self, name: str, type_: PgType, make: Any) -> Schema:
        key = self._key(name, type_)
        if key not in self.components:
            self.components[key] = {}  # has its place before those that it is made of
            self.components[key] = described(make(), type_.comment)
        return {"$ref": f"#/components/schemas/{key}"}

    def _key(self, name: str, type_: PgType) -> str:
        """The shortest name that no other type has, in the letters that OpenAPI allows."""
        if (type_.oid, name) not in self._keys:
            full = f"{type_.schema}.{name}"
            wishes = [name] if type_.schema in self._api_schemas else []
            wishes += [full, f"{full}.{type_.oid}"]
            plain = (re.sub(r"[^A-Za-z0-9._-]", "_", wish) for wish in wishes)
            taken = self._taken.union(self._keys.values())
            self._keys[type_.oid, name] = next(key for key in plain if key not in taken)
        return self._keys[type_.oid, name]

    def _composite(self, type_: PgType, *, given: bool) -> Schema:
        fields = {each.name: self.field(each, given=given) for each in type_.attributes}
        schema: Schema = {"type": "object", "properties": fields}
        if given:
            return schema | {"additionalProperties": False}
        return schema | {"required": list(fields)}

    def _domain(self, type_: PgType, *, given: bool) -> Schema:
        assert type_.base is not None
        if is_password_type(type_):
            return {
                "type": "string",
                "format": "password",
                "minLength": MIN_LENGTH,
                "maxLength": MAX_LENGTH,
                "writeOnly": True,
            }
        base = self._catalog.types[type_.base]
        schema = self.of(base, given=given) | _typmod(base, type_.typmod)
        unstated = []
        for check in type_.checks:
            stated = limits(check.expression, self._catalog.root(type_))
            if stated is None:
                unstated.append(check.comment or f"Must satisfy {check.name}.")
            else:
                schema |= _stated(stated)
        text = " ".join(filter(None, [type_.comment, *unstated]))
        return described(schema, text)


def nullable(schema: Schema) -> Schema:
    """The schema, or null."""
    if not schema:
        return schema
    if isinstance(schema.get("type"), str) and "enum" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def described(schema: Schema, text: str | None) -> Schema:
    """The schema with a description, which a reference may have beside it."""
    return {**schema, "description": text} if text else schema


def default_of(expression: str | None, schema: Schema) -> Schema:
    """A `default`, where PostgreSQL's expression is a plain literal."""
    if expression is None:
        return {}
    match = re.fullmatch(r"\(?'?((?:[^'()]|'')*?)'?\)?(?:::[\w .\"\[\]]+)?", expression)
    if match is None or expression.upper().startswith("NULL"):
        return {}
    text = match[1].replace("''", "'")
    kind = schema.get("type")
    kinds = [kind] if isinstance(kind, str) else kind or []
    if "boolean" in kinds and text in ("true", "false"):
        return {"default": text == "true"}
    if "integer" in kinds and re.fullmatch(r"-?\d+", text):
        return {"default": int(text)}
    if "number" in kinds and re.fullmatch(r"-?\d+(\.\d+)?", text):
        return {"default": _number(Decimal(text))}
    if expression.startswith("'") and ("string" in kinds or "$ref" in schema):
        return {"default": text}
    return {}


def _enum(type_: PgType) -> Schema:
    return {"type": "string", "enum": list(type_.labels)}


def _typmod(type_: PgType, typmod: int) -> Schema:
    """What a type modifier adds: a length, or the range of numeric(precision, scale)."""
    if typmod < 4:
        return {}
    if type_.name in ("varchar", "bpchar"):
        return {"maxLength": typmod - 4}
    if type_.name == "numeric":
        precision, scale = (typmod - 4) >> 16, (typmod - 4) & 0x7FF
        if scale <= precision:  # a scale over 1023 stands for a negative one
            bound = 10 ** (precision - scale)
            return {"exclusiveMinimum": -bound, "exclusiveMaximum": bound}
    return {}


def _stated(stated: Limits) -> Schema:
    numbers = {
        "minimum": stated.minimum,
        "maximum": stated.maximum,
        "exclusiveMinimum": stated.exclusive_minimum,
        "exclusiveMaximum": stated.exclusive_maximum,
    }
    schema: Schema = {key: _number(value) for key, value in numbers.items() if value is not None}
    others = {
        "minLength": stated.min_length,
        "maxLength": stated.max_length,
        "enum": list(stated.one_of) if stated.one_of is not None else None,
        "pattern": stated.pattern.text if stated.pattern is not None else None,
    }
    return schema | {key: value for key, value in others.items() if value is not None}


def _number(value: Decimal) -> int | float:
    return int(value) if value == int(value) else float(value)
