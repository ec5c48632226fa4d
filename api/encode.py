"""Values of a request as text parameters that PostgreSQL casts to the argument's type.

Text with a cast works for every type. What is checked here is what is surely wrong, so that it
costs no connection; the rest is PostgreSQL's to refuse, at Bind.
"""

import re
from collections.abc import Callable
from decimal import Decimal

from api.catalog import Catalog, PgType
from api.checks import SURE_DIGITS, Limits, limits
from api.strictjson import JsonError, Number, check_text, dumps, escape, loads

_INT_RANGES = {
    "int2": (-(2**15), 2**15 - 1),
    "int4": (-(2**31), 2**31 - 1),
    "int8": (-(2**63), 2**63 - 1),
    "oid": (-(2**31), 2**32 - 1),  # PostgreSQL takes -1 for the largest
}
_NUMERIC = frozenset({"numeric", "float4", "float8"})
_INTEGER = re.compile(r"\s*[+-]?\d+\s*", re.ASCII)
# PostgreSQL 16 and later also read 0x1F, 0o17, 0b1 and 1_000.
_INTEGER_LIKE = re.compile(r"\s*[+-]?\d[\dA-Fa-fxXoO_]*\s*", re.ASCII)
# Floats also have the C library's forms: 0x1.8p3, nan(1).
_NUMBER_LIKE = re.compile(
    r"\s*[+-]?(\.?\d[\da-fxop_.+-]*|nan(\([\w]*\))?|inf|infinity)\s*", re.IGNORECASE | re.ASCII
)
_UUID_LIKE = re.compile(r"\{?[0-9A-Fa-f-]+\}?")
_BOOLEANS = frozenset("t tr tru true f fa fal fals false y ye yes n no on of off 1 0".split())

FromJson = Callable[[object, str], str | None]
FromText = Callable[[str, str], str | None]


class ArgumentError(ValueError):
    """A value that its argument's type refuses. `pointer` is a JSON pointer to it."""

    def __init__(self, pointer: str, sentence: str) -> None:
        super().__init__(sentence)
        self.pointer = pointer
        self.sentence = sentence


class Encoders:
    """Makes the encoders of types, each once. PostgreSQL has no type that contains itself."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._json: dict[int, FromJson] = {}
        self._text: dict[int, FromText] = {}

    def from_json(self, oid: int) -> FromJson:
        """The encoder of a value of a JSON body: (value, pointer) -> parameter."""
        if oid not in self._json:
            self._json[oid] = self._make_json(self._catalog.types[oid])
        return self._json[oid]

    def from_text(self, oid: int) -> FromText:
        """The encoder of one value of a path or query: (value, pointer) -> parameter."""
        if oid not in self._text:
            self._text[oid] = self._make_text(self._catalog.types[oid])
        return self._text[oid]

    def _make_json(self, type_: PgType) -> FromJson:
        if type_.base is not None:
            return self._json_domain(type_, self.from_json(type_.base))
        if type_.element is not None:
            return self._json_array(type_, self.from_json(type_.element))
        if type_.kind == "c":
            return self._json_composite(type_)
        if type_.kind == "e":
            return _nullable(_json_enum(type_.labels))
        if type_.name in ("json", "jsonb"):
            return _nullable(lambda value, _: dumps(value))
        if type_.name in _INT_RANGES:
            return _nullable(_json_integer(*_INT_RANGES[type_.name]))
        if type_.name in _NUMERIC:
            return _nullable(_json_number)
        if type_.name == "bool":
            return _nullable(_json_boolean)
        return _nullable(_json_string)

    def _json_domain(self, type_: PgType, base: FromJson) -> FromJson:
        checks = self._checks(type_)

        def encode(value: object, pointer: str) -> str | None:
            text = base(value, pointer)
            if text is None:
                if type_.not_null:
                    raise ArgumentError(pointer, "must not be null")
                return None
            for check in checks:
                check(text, pointer)
            return text

        return encode

    def _checks(self, type_: PgType) -> list[Callable[[str, str], None]]:
        base = self._catalog.root(type_)
        is_kept = _keeps(base, self._catalog.modifier(type_))
        found = ((limits(check.expression, base), check.comment) for check in type_.checks)
        return [_check(stated, comment, is_kept) for stated, comment in found if stated]

    def _json_array(self, type_: PgType, element: FromJson) -> FromJson:
        assert type_.element is not None
        # An array inside of an array is one more dimension, unless the element itself is written
        # as an array in JSON.
        inner = self._catalog.root(self._catalog.types[type_.element])
        is_whole = inner.name in ("json", "jsonb") or inner.element is not None
        delimiter = type_.delimiter
        return lambda value, pointer: _json_array(value, pointer, element, is_whole, delimiter)

    def _json_composite(self, type_: PgType) -> FromJson:
        fields = {each.name: self.from_json(each.type) for each in type_.attributes}

        def encode(value: object, pointer: str) -> str | None:
            if value is None:
                return None
            if not isinstance(value, dict):
                raise ArgumentError(pointer, f"must be an object, not {_kind(value)}")
            for name in value:
                if name not in fields:
                    known = ", ".join(fields)
                    raise ArgumentError(
                        f"{pointer}/{escape(name)}", f"is not a field here; known are {known}"
                    )
            texts = (
                make(value.get(name), f"{pointer}/{escape(name)}") for name, make in fields.items()
            )
            return "(" + ",".join("" if t is None else _quoted_field(t) for t in texts) + ")"

        return encode

    def _make_text(self, type_: PgType) -> FromText:
        if type_.base is not None:
            return self._text_domain(type_, self.from_text(type_.base))
        if type_.kind == "e":
            return _json_enum(type_.labels)
        if type_.kind == "c" or type_.name in ("json", "jsonb"):
            return self._text_json(type_)
        if type_.name in _INT_RANGES:
            return _text_integer(*_INT_RANGES[type_.name])
        if type_.name in _NUMERIC:
            return _text_shape("a number", _NUMBER_LIKE.fullmatch)
        if type_.name == "bool":
            return _text_shape("true or false", _is_boolean)
        if type_.name == "uuid":
            return _text_shape("a UUID", _UUID_LIKE.fullmatch)
        return lambda value, _: value

    def _text_domain(self, type_: PgType, base: FromText) -> FromText:
        checks = self._checks(type_)

        def encode(value: str, pointer: str) -> str | None:
            text = base(value, pointer)
            if text is not None:
                for check in checks:
                    check(text, pointer)
            return text

        return encode

    def _text_json(self, type_: PgType) -> FromText:
        from_json = self.from_json(type_.oid)

        def encode(value: str, pointer: str) -> str | None:
            if type_.kind == "c" and not value.lstrip().startswith("{"):
                return value  # PostgreSQL's own form of a row
            try:
                parsed = loads(value.encode())
            except JsonError as error:
                raise ArgumentError(pointer, f"must be JSON: {error}") from None
            return from_json(parsed, pointer)

        return encode

    def array_of_texts(self, type_: PgType) -> Callable[[list[str], str], str]:
        """The encoder of an argument that repeats in a query: one element a value."""
        array = self._catalog.root(type_)
        assert array.element is not None
        element = self.from_text(array.element)

        def encode(values: list[str], pointer: str) -> str:
            texts = [element(value, f"{pointer}/{i}") for i, value in enumerate(values)]
            items = ("NULL" if text is None else _quoted_item(text) for text in texts)
            return "{" + array.delimiter.join(items) + "}"

        return encode


def _json_array(
    value: object,
    pointer: str,
    element: FromJson,
    is_whole: bool,
    delimiter: str,
) -> str | None:
    if value is None:
        return None
    if not isinstance(value, list):
        raise ArgumentError(pointer, f"must be an array, not {_kind(value)}")
    items = []
    for index, item in enumerate(value):
        place = f"{pointer}/{index}"
        if isinstance(item, list) and not is_whole:
            items.append(_json_array(item, place, element, is_whole, delimiter) or "NULL")
        else:
            text = element(item, place)
            items.append("NULL" if text is None else _quoted_item(text))
    return "{" + delimiter.join(items) + "}"


def _nullable(encode: Callable[[object, str], str]) -> FromJson:
    return lambda value, pointer: None if value is None else encode(value, pointer)


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case str():
            return "a string"
        case Number():
            return "a number"
        case list():
            return "an array"
        case _:
            return "an object"


def _json_string(value: object, pointer: str) -> str:
    if not isinstance(value, str):
        raise ArgumentError(pointer, f"must be a string, not {_kind(value)}")
    return value


def _json_boolean(value: object, pointer: str) -> str:
    if not isinstance(value, bool):
        raise ArgumentError(pointer, f"must be true or false, not {_kind(value)}")
    return "true" if value else "false"


def _json_number(value: object, pointer: str) -> str:
    if isinstance(value, Number):
        return value.text
    # JSON has no NaN and no infinity; PostgreSQL writes them as strings, so it may read them.
    if isinstance(value, str) and value.lower().lstrip("+-") in ("nan", "infinity"):
        return value
    raise ArgumentError(pointer, f"must be a number, not {_kind(value)}")


def _json_integer(lowest: int, highest: int) -> Callable[[object, str], str]:
    def encode(value: object, pointer: str) -> str:
        if not isinstance(value, Number):
            raise ArgumentError(pointer, f"must be an integer, not {_kind(value)}")
        number = _number(value.text)
        if number is None or not lowest <= number <= highest:
            raise ArgumentError(pointer, f"must be between {lowest} and {highest}")
        if number != int(number):
            raise ArgumentError(pointer, "must be an integer, without a fraction")
        return str(int(number))

    return encode


def _text_integer(lowest: int, highest: int) -> FromText:
    fits = len(str(highest)) - 1  # so many digits are never too large

    def encode(value: str, pointer: str) -> str:
        if len(value) <= fits and value.isascii() and value.isdigit():
            return value
        if not _INTEGER_LIKE.fullmatch(value):
            raise ArgumentError(pointer, "must be an integer")
        if _INTEGER.fullmatch(value) and not lowest <= Decimal(value.strip()) <= highest:
            raise ArgumentError(pointer, f"must be between {lowest} and {highest}")
        return value

    return encode


def _json_enum(labels: tuple[str, ...]) -> Callable[[object, str], str]:
    def encode(value: object, pointer: str) -> str:
        text = _json_string(value, pointer)
        if text not in labels:
            raise ArgumentError(pointer, f"must be one of {', '.join(labels)}")
        return text

    return encode


def _is_boolean(value: str) -> bool:
    return value.strip().lower() in _BOOLEANS


def _text_shape(name: str, matches: Callable[[str], object]) -> FromText:
    def encode(value: str, pointer: str) -> str:
        if not matches(value):
            raise ArgumentError(pointer, f"must be {name}")
        return value

    return encode


def _quoted_item(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _quoted_field(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '""') + '"'


def _check(
    stated: Limits, comment: str | None, is_kept: Callable[[str], bool]
) -> Callable[[str, str], None]:
    def check(text: str, pointer: str) -> None:
        reason = _broken(stated, text)
        if reason is not None and is_kept(text):
            raise ArgumentError(pointer, comment or reason)

    return check


def _broken(stated: Limits, text: str) -> str | None:
    if stated.one_of is not None and text not in stated.one_of:
        return f"must be one of {', '.join(stated.one_of)}"
    if stated.min_length is not None and len(text) < stated.min_length:
        return f"must have at least {stated.min_length} characters"
    if stated.max_length is not None and len(text) > stated.max_length:
        return f"must have at most {stated.max_length} characters"
    if stated.pattern is not None and stated.pattern.refuses(text):
        return f"must match {stated.pattern.text}"
    return _out_of_range(stated, text)


def _out_of_range(stated: Limits, text: str) -> str | None:
    bounds = (
        (stated.minimum, Decimal.__lt__, "at least"),
        (stated.maximum, Decimal.__gt__, "at most"),
        (stated.exclusive_minimum, Decimal.__le__, "more than"),
        (stated.exclusive_maximum, Decimal.__ge__, "less than"),
    )
    for bound, is_beyond, words in bounds:
        if bound is not None and (number := _number(text)) is not None and is_beyond(number, bound):
            return f"must be {words} {bound}"
    return None


def _number(text: str) -> Decimal | None:
    """The number, or None where Python doesn't write it so: the database decides."""
    try:
        number = Decimal(text.strip())
    except ArithmeticError:
        return None
    return number if number.is_finite() else None


def _keeps(base: PgType, modifier: int) -> Callable[[str], bool]:
    """Whether a type surely keeps a text as it is, so that its checks see what we see.

    numeric(10,2) rounds first, floats keep some digits, and varchar(5) cuts blanks off the end.
    """
    if base.name == "varchar" and modifier >= 4:
        return lambda text: len(text) <= modifier - 4
    if base.name == "numeric" and modifier >= 4:
        scale = (modifier - 4) & 0x7FF
        return lambda text: _decimals(text) <= (scale if scale < 1024 else scale - 2048)
    if base.name in ("float4", "float8"):
        return lambda text: _digits(text) <= SURE_DIGITS
    return lambda _: True


def _decimals(text: str) -> int:
    number = _number(text)
    exponent = number.as_tuple().exponent if number is not None else 0
    return -exponent if isinstance(exponent, int) else 0


def _digits(text: str) -> int:
    number = _number(text)
    return len(number.as_tuple().digits) if number is not None else 0


def check_argument(text: str, pointer: str) -> None:
    """Refuse text that libpq would cut or PostgreSQL can't store."""
    if (reason := check_text(text)) is not None:
        raise ArgumentError(pointer, reason)
