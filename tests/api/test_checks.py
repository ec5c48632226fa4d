"""What is refused early must be what PostgreSQL refuses: never more."""

import random
import re
import time
from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from api.catalog import Catalog, PgType
from api.checks import limits
from api.encode import ArgumentError, Encoders, check_argument
from api.patterns import pattern
from db.testbed import Testbed
from tests.api.catalogue import read_catalog

# Each domain, and texts that have been trouble: refused here though PostgreSQL takes them.
DOMAINS: dict[str, tuple[str, list[str]]] = {
    "count": ("integer check (value >= 0 and value <= 100)", ["-0", "+7", " 7 ", "1e2", "007"]),
    "big": ("bigint check (value > 0)", ["9223372036854775807", "9223372036854775808"]),
    "small": ("smallint check (value between -5 and 5)", ["-5", "6"]),
    "half": ("integer check (value > 0.5)", ["0", "1"]),
    "stepped": ("numeric check (value::integer >= 5)", ["4.6", "4.4"]),
    "price": ("numeric(10,2) check (value >= 1 and value < 100)", ["0.999", "99.995", "0.99"]),
    "hundreds": ("numeric(5,-2) check (value <= 500)", ["549", "550"]),
    "ratio": ("double precision check (value >= 0 and value <= 0.1)", ["0.10000000000000000001"]),
    "single_ratio": ("real check (value <= 0.3)", ["0.3", "0.30000000001", "0.31"]),
    "positive": ("numeric check (value > 0)", ["nan", "inf", "1e-300", "1_000", "\uff10\uff11"]),
    "as_text": ("text check (value < '7')", ["60", "8"]),
    "code": ("text check (value ~ '^[A-Z]{2}-[0-9]+$')", ["AB-1", "AB-1\n", "AB-", "ÄB-1"]),
    "open_end": ("text check (value ~ 'a+b$')", ["xaab", "aab\n", "b"]),
    "dotted": (r"text check (value ~ '^([a-z]+\.)*[a-z]+$')", ["a.b", "a..b", "a" * 50]),
    "either": ("text check (value ~ '^a|b$')", ["ax", "xb", "x"]),
    "folded": ("varchar check (value ~ '^[a-z]+$')", ["abc", "ABC"]),
    "colour": ("text check (value in ('red', 'o''range', 'a,b'))", ["red", "Red", "o'range"]),
    "day": ("date check (value in ('2020-01-01'))", ["20200101", "2020-01-02"]),
    "exact": ("numeric check (value in ('1', '2'))", ["1.0", "3"]),
    "nick": ("text check (char_length(value) between 2 and 4)", ["ab", "a", "abcde", "😀😀"]),
    "short": ("varchar(3) check (length(value) <= 3)", ["abc   ", "abcd"]),
    "padded": ("char(3) check (length(value) <= 3)", ["a         ", "abcd"]),
    "bytes": (r"bytea check (length(value) <= 2)", [r"\x0102", r"\x010203", "ab"]),
    "mood": ("mood_enum check (value in ('sad', 'ok'))", ["sad", "happy", "cross"]),
    "nested": ("price check (value <= 50)", ["50.004", "50.01", "0.5"]),
    "unread": ("integer check (value % 2 = 0)", ["1", "2"]),
}
TYPES = {
    "int2": ["32767", "32768", "0x1F", "1_0", " 1\n"],
    "int4": ["2147483648", "-2147483648", "٣", "1.0", "0b1", "1e2"],
    "int8": ["9223372036854775808", "--1"],
    "oid": ["-1", "4294967295", "4294967296", "-2147483649"],
    "bool": ["TRUE", " t ", "yE", "o", "of", "1", "2", "\uff54"],
    "uuid": [
        "{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}",
        "A0EEBC999C0B4EF8BB6D6BB9BD380A11",
        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1",
        " a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
    ],
    "numeric": ["1e5", ".5", "5.", "+.5e-3", "NaN", "-inf", "infinity", "0x1", "1e999999", "."],
    "float8": ["1e400", "0x1.8p3", "nan(1)", "Inf", "-Infinity", "1e-400", "1d"],
    "float4": ["1e39", "0x1p-2", ".5"],
    "date": ["today", "infinity", "2024-02-30", "Feb 29 2024", "epoch"],
    "timestamptz": ["now", "2024-02-29T12:00+02", "2024-02-29 12:00 Europe/Vienna"],
    "interval": ["1 day", "P1D", "@ 1 minute ago", "1 fortnight"],
    "time": ["24:00", "25:00", "allballs"],
    "inet": ["10/8", "::1"],
    "text": ["", "NULL", "'"],
    "json": ['{"a":1}', "{", "1e400000"],
    "jsonb": ["[1,2]", '"\\u0000"', ""],
    "int4range": ["[1,5)", "[5,1)", "empty"],
}
ALPHABET = "0123456789aAbBzZ+-._ eExXoOpP{}()[],:/\\\"'\n\tTtFfyYnNiI%ß😀٣"


class Bench:
    """A PostgreSQL to ask, and the encoders made from its catalogue."""

    def __init__(self, connection: psycopg.Connection, read: Catalog) -> None:
        self.connection = connection
        self.catalog = read
        self.encoders = Encoders(read)
        self.types = {each.name: each for each in read.types.values()}

    def early(self, type_: PgType, text: str) -> str | None:
        """The parameter for a value of a query; ArgumentError where it is refused."""
        check_argument(text, "/x")
        return self.encoders.from_text(type_.oid)(text, "/x")

    def accepts(self, type_: PgType, text: str) -> bool:
        """Whether PostgreSQL takes this text for a value of the type."""
        cursor = psycopg.RawCursor(self.connection)
        try:
            with self.connection.transaction(force_rollback=True):
                cursor.execute(f"select $1::{type_.sql}", (text,))
        except psycopg.Error:
            return False
        return True


@pytest.fixture(scope="module")
def bench(bed: Testbed) -> Iterator[Bench]:
    attributes = ", ".join(f'"{name}" {name}' for name in DOMAINS | TYPES)
    with bed.database("template0") as database:
        made = "".join(f"create domain {name} as {text};" for name, (text, _) in DOMAINS.items())
        database.psql(
            f"create type mood_enum as enum ('sad', 'ok', 'happy');"
            f"{made} create type every_type as ({attributes});"
        )

        with psycopg.connect(database.superuser_url, autocommit=True) as connection:
            yield Bench(connection, read_catalog(database, ["public"], []))


def assert_never_stricter(bench: Bench, name: str, text: str) -> bool:
    """Whether it was refused early, having checked that PostgreSQL refuses it as well."""
    type_ = bench.types[name]
    try:
        bench.early(type_, text)
    except ArgumentError:
        if "\x00" not in text:
            assert not bench.accepts(type_, text), f"PostgreSQL takes {text!r} for {name}"
        return True
    return False


@pytest.mark.parametrize("name", [*DOMAINS, *TYPES])
def test_a_text_that_was_trouble_is_refused_only_where_postgresql_does(
    bench: Bench, name: str
) -> None:
    texts = DOMAINS[name][1] if name in DOMAINS else TYPES[name]

    for text in [*texts, "", " ", "NULL", "0", "1", "-1", "abc", "é"]:
        assert_never_stricter(bench, name, text)


NUMBERS = st.one_of(
    st.integers().map(str),
    st.integers(-200, 200).map(str),
    st.decimals(allow_nan=False, allow_infinity=False).map(str),
    st.decimals(-1, 101, places=4).map(str),
    st.floats().map(repr),
)
TEXTS = st.one_of(
    st.text(ALPHABET, max_size=12),
    st.from_regex(r"[A-Za-z]{0,3}[-.]?[0-9a-c.]{0,3}\n?", fullmatch=True),
    NUMBERS,
)


@settings(
    max_examples=900, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(name=st.sampled_from([*DOMAINS, *TYPES]), text=TEXTS)
@example(name="price", text="0.995")
@example(name="code", text="AB-1\n")
def test_any_text_is_refused_only_where_postgresql_does(bench: Bench, name: str, text: str) -> None:
    assert_never_stricter(bench, name, text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("count", "101"), ("count", "-1"), ("big", "0"), ("small", "6"), ("half", "0"),
        ("price", "0.5"), ("price", "100"), ("ratio", "0.2"),
        ("single_ratio", "0.5"), ("positive", "0"), ("code", "AB-1\n"), ("open_end", "b"),
        ("either", "x"), ("folded", "ABC"), ("colour", "green"), ("nick", "a"),
        ("nick", "abcde"), ("mood", "happy"), ("mood", "cross"), ("nested", "50.01"),
        ("int2", "32768"), ("int4", "٣"), ("bool", "maybe"), ("uuid", "x"), ("numeric", "one"),
        ("json", "{"),
    ],
)  # fmt: skip
def test_what_the_schema_says_is_refused_early(bench: Bench, name: str, text: str) -> None:
    """The control: without it, an encoder that refuses nothing would pass all of the above."""
    assert assert_never_stricter(bench, name, text)


def test_what_is_not_surely_read_is_left_to_the_database(bench: Bench) -> None:
    left = ("stepped", "as_text", "day", "exact", "padded", "bytes", "unread", "dotted")

    for name in left:
        type_ = bench.types[name]
        (check,) = type_.checks
        assert limits(check.expression, bench.catalog.root(type_)) is None, check.expression


def test_each_limit_is_read(bench: Bench) -> None:
    def read(name: str) -> object:
        type_ = bench.types[name]
        return limits(type_.checks[0].expression, bench.catalog.root(type_))

    assert (read("count").minimum, read("count").maximum) == (0, 100)
    assert (read("price").minimum, read("price").exclusive_maximum) == (1, 100)
    assert read("big").exclusive_minimum == 0
    assert (read("nick").min_length, read("nick").max_length) == (2, 4)
    assert read("colour").one_of == ("red", "o'range", "a,b")
    assert read("mood").one_of == ("sad", "ok")
    assert read("code").pattern.text == "^[A-Z]{2}-[0-9]+$"
    assert str(read("ratio").maximum) == "0.1"


@pytest.mark.parametrize(
    "text",
    [
        r"\d", r"\w", ".", "(?=a)", "(?:a)", "(?i)a", "***=a", r"(a)\1", "a**", "a+?", "a*+",
        "[[:alpha:]]", "[]a]", "[^]a]", "[z-a]", "(", ")", "a)(", "[", "^*", "|*", "{2}", "a{,2}",
        "a{2}{3}", "(a+)+", "(a|b)+", "(a*)*", "(a?){3,}", "([a-z]+ ?)*", r"\Z", r"\n", "[a&&b]",
        "a{9999}", "(a",
    ],
)  # fmt: skip
def test_a_pattern_that_is_not_read_alike_or_may_never_end_is_not_tried(text: str) -> None:
    assert pattern(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "^[a-z]+$", "^[^@ ]+@[^@ ]+[.][^@ ]+$", r"^\+[0-9]{3,15}$", "^(GB|US)-[0-9]{4}$",
        "^a(b(c)?)?$", "^(ab){2,3}$", "", "a", "^([a-z]+-){3}[a-z]*$", "(a|b|)c", "^$", "a|^b",
        r"^\$(argon2id\$v=|2[aby]\$)", "(ab)*(ab)*(ab)*c", "a+b+c+d+$", "^(a|a|a)(b|b)c?d*$",
    ],
)  # fmt: skip
def test_a_pattern_answers_at_once_whatever_the_text(text: str) -> None:
    found = pattern(text)
    assert found is not None
    rng = random.Random(text)
    letters = sorted(set(re.sub(r"\W", "", text)) | {"a", "!"})

    for length in (found.longest - 1, found.longest, 1_000_000):
        hostile = [letters[0] * length + "!", "ab" * (length // 2) + "!"]
        hostile.append("".join(rng.choices(letters, k=min(length, 20_000))))
        for each in hostile:
            started = time.perf_counter()
            found.refuses(each)
            assert time.perf_counter() - started < 0.5, (text, length)


PIECES = st.sampled_from([
    "a", "b", "[ab]", "[^a]", "(a)", "(ab|b)", "(a|)", "^", "$", "|", r"\.", "-", "[a-c]",
    "a+", "b*", "a?", "(ab)+", "(b){2}", "[ab]{1,2}", "(a+b){2}", "(b*)?",
])  # fmt: skip


@settings(
    max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    text=st.lists(PIECES, min_size=1, max_size=6).map("".join), value=st.text("ab.-\n", max_size=6)
)
@example(text="a$", value="a\n")
@example(text="^a|b$", value="cb")
def test_a_portable_pattern_means_to_python_what_it_means_to_postgresql(
    bench: Bench, text: str, value: str
) -> None:
    found = pattern(text)
    if found is None:
        return
    row = bench.connection.execute("select %s::text ~ %s::text", (value, text)).fetchone()

    assert (row == (True,)) == bool(found.python.search(value)), (text, value)
