"""Values become text parameters, and arrive in PostgreSQL as what was sent."""

import json
import time
from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.catalog import Catalog
from api.encode import ArgumentError, Encoders
from api.strictjson import MAX_DEPTH, JsonError, Number, dumps, loads
from db.testbed import Testbed
from tests.api.catalogue import read_catalog

TYPES = """
create type mood as enum ('sad', 'it''s "ok"', 'a,b\\c{}');
create type inner_one as (label text, n numeric, flags boolean[]);
create type outer_one as (id bigint, one inner_one, many inner_one[], doc jsonb, moods mood[]);
create type alone as (sole text);
create domain vector as integer[];
create domain document as jsonb;
create domain short_texts as text[] check (cardinality(value) <= 3);
create domain inner_domain as inner_one check ((value).label <> 'no');
create type everything as (
    a text, b integer, c bigint, d numeric, e float8, f boolean, g text[], h integer[], i jsonb,
    j jsonb[], k mood, l outer_one, m alone, n alone[], o vector, p vector[], q document[],
    r short_texts, s inner_domain, t inner_domain[], u json[], v varchar(3), w numeric(5,2),
    x box[], y text[]
);
"""


class Bench:
    """Sends a JSON value to PostgreSQL as the API would, and gives what arrived as JSON."""

    def __init__(self, connection: psycopg.Connection, read: Catalog) -> None:
        self.connection = connection
        self.types = {each.name: each for each in read.types.values()}
        self.encoders = Encoders(read)

    def parameter(self, name: str, value: object) -> str | None:
        read = loads(json.dumps(value).encode())
        return self.encoders.from_json(self.types[name].oid)(read, "")

    def arrives(self, name: str, parameter: str | None) -> object:
        query = f"select to_json($1::{self.types[name].sql})::text"
        row = psycopg.RawCursor(self.connection).execute(query, (parameter,)).fetchone()
        assert row is not None
        return None if row[0] is None else json.loads(row[0])

    def round_trip(self, name: str, value: object) -> object:
        return self.arrives(name, self.parameter(name, value))


@pytest.fixture(scope="module")
def bench(bed: Testbed) -> Iterator[Bench]:
    with bed.database("template0") as database:
        database.psql(TYPES)

        with psycopg.connect(database.superuser_url, autocommit=True) as connection:
            yield Bench(connection, read_catalog(database, ["public"], []))


NASTY = st.text(
    st.one_of(
        st.sampled_from("\"\\',{}() \n\t\rNULnul;%$éß😀\u00a0\u2028"),
        st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"),
    ),
    max_size=8,
)
MOODS = st.sampled_from(["sad", 'it\'s "ok"', "a,b\\c{}"])
INNER = st.fixed_dictionaries(
    {
        "label": st.none() | NASTY,
        "n": st.none() | st.integers(-(10**30), 10**30),
        "flags": st.none() | st.lists(st.none() | st.booleans(), max_size=3),
    }
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | NASTY,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NASTY, inner, max_size=3),
    max_leaves=6,
)
VALUES = {
    "text": NASTY,
    "_text": st.lists(st.none() | NASTY, max_size=4),
    "int4": st.integers(-(2**31), 2**31 - 1),
    "int8": st.integers(-(2**63), 2**63 - 1),
    "bool": st.booleans(),
    "float8": st.floats(allow_nan=False, allow_infinity=False),
    "jsonb": JSON.filter(lambda value: value is not None),
    "_jsonb": st.lists(JSON, max_size=3),
    "mood": MOODS,
    "inner_one": INNER,
    "_inner_one": st.lists(st.none() | INNER, max_size=3),
    "alone": st.fixed_dictionaries({"sole": st.none() | NASTY}),
    "_alone": st.lists(st.fixed_dictionaries({"sole": NASTY}), max_size=3),
    "outer_one": st.fixed_dictionaries(
        {
            "id": st.none() | st.integers(0, 9),
            "one": st.none() | INNER,
            "many": st.none() | st.lists(st.none() | INNER, max_size=2),
            "doc": st.none() | st.dictionaries(NASTY, JSON, max_size=2),
            "moods": st.none() | st.lists(st.none() | MOODS, max_size=2),
        }
    ),
    "vector": st.lists(st.none() | st.integers(-9, 9), max_size=3),
    "_vector": st.lists(st.lists(st.integers(-9, 9), max_size=3), max_size=3),
    "_document": st.lists(JSON, max_size=3),
    "short_texts": st.lists(NASTY, max_size=3),
    "_inner_domain": st.lists(INNER.filter(lambda value: value["label"] != "no"), max_size=2),
}


@settings(
    max_examples=700, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data(), name=st.sampled_from(list(VALUES)))
def test_any_value_arrives_as_it_was_sent(bench: Bench, data: st.DataObject, name: str) -> None:
    value = data.draw(VALUES[name])

    assert bench.round_trip(name, value) == value


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("_int4", [[1, 2], [3, 4]], [[1, 2], [3, 4]]),
        ("_int4", [[[1], [2]]], [[[1], [2]]]),
        ("_text", [["a,b", None], ["NULL", "{"]], [["a,b", None], ["NULL", "{"]]),
        ("_jsonb", [[1, [2]], {"a": [3]}, None], [[1, [2]], {"a": [3]}, None]),
        ("_json", [[1], None], [[1], None]),
        ("_document", [[1, 2], [3]], [[1, 2], [3]]),
        ("_vector", [[1, 2], [3]], [[1, 2], [3]]),
        ("_box", ["(1,1),(0,0)", None], ["(1,1),(0,0)", None]),
        ("int4", 1.0, 1),
        ("int4", 1e3, 1000),
        ("int4", -0.0, 0),
        ("numeric", "NaN", "NaN"),
        ("numeric", "-Infinity", "-Infinity"),
        ("float8", "infinity", "Infinity"),
        ("varchar", "", ""),
        ("outer_one", {}, {"id": None, "one": None, "many": None, "doc": None, "moods": None}),
        ("alone", {}, {"sole": None}),
        ("alone", {"sole": ""}, {"sole": ""}),
        ("inner_domain", {"label": "x"}, {"label": "x", "n": None, "flags": None}),
    ],
)
def test_each_form_arrives(bench: Bench, name: str, value: object, expected: object) -> None:
    assert bench.round_trip(name, value) == expected


def test_null_is_null_for_every_type(bench: Bench) -> None:
    for name in VALUES:
        assert bench.parameter(name, None) is None


@pytest.mark.parametrize("text", ["0.1234567890123456789012345678901234567890", "1E+2", "-0.0"])
def test_a_number_keeps_its_own_text(bench: Bench, text: str) -> None:
    assert bench.encoders.from_json(bench.types["numeric"].oid)(loads(text.encode()), "") == text


REFUSED = [
    ("int4", 1.5, "", "without a fraction"),
    ("int4", 2**31, "", "must be between"),
    ("int4", True, "", "not a boolean"),
    ("int4", "1", "", "not a string"),
    ("numeric", "1", "", "not a string"),
    ("bool", 1, "", "not a number"),
    ("bool", "true", "", "not a string"),
    ("text", 1, "", "must be a string, not a number"),
    ("text", ["a"], "", "not an array"),
    ("text", {}, "", "not an object"),
    ("_text", "a", "", "must be an array, not a string"),
    ("_int4", [1, "x"], "/1", "must be an integer"),
    ("_int4", [[1], [2.5]], "/1/0", "without a fraction"),
    ("mood", "cross", "", "must be one of sad"),
    ("inner_one", [], "", "must be an object"),
    ("inner_one", {"other": 1}, "/other", "is not a field here; known are label, n, flags"),
    ("inner_one", {"a/b~c": 1}, "/a~1b~0c", "is not a field here"),
    ("outer_one", {"many": [None, {"n": "x"}]}, "/many/1/n", "must be a number"),
    ("outer_one", {"one": {"flags": [True, 0]}}, "/one/flags/1", "must be true or false"),
    ("_vector", [[1], ["x"]], "/1/0", "must be an integer"),
    ("_inner_domain", [{"label": 7}], "/0/label", "must be a string"),
]


@pytest.mark.parametrize(("name", "value", "pointer", "sentence"), REFUSED)
def test_what_is_surely_wrong_is_refused_where_it_is(
    bench: Bench, name: str, value: object, pointer: str, sentence: str
) -> None:
    with pytest.raises(ArgumentError) as caught:
        bench.parameter(name, value)

    assert caught.value.pointer == pointer
    assert sentence in caught.value.sentence


@pytest.mark.parametrize(
    "text",
    [
        "1e999999999", "-1e999999999", "1e-999999999", "1e99999999999999999999",
        "1e-99999999999999999999", "9" * 1_000_000, "1." + "0" * 1_000_000 + "1",
    ],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_a_huge_number_is_refused_at_once(bench: Bench, text: str) -> None:
    started = time.perf_counter()

    for name in ("int2", "int4", "int8"):
        if name in bench.types:
            with pytest.raises(ArgumentError):
                bench.encoders.from_json(bench.types[name].oid)(Number(text), "")

    assert time.perf_counter() - started < 0.5


@pytest.mark.parametrize("text", ["0e999999999", "-0", "0.000"])
def test_zero_is_zero_however_it_is_written(bench: Bench, text: str) -> None:
    assert bench.encoders.from_json(bench.types["int4"].oid)(Number(text), "") == "0"


@pytest.mark.parametrize(
    ("name", "texts", "expected"),
    [
        ("_text", ["a b", 'c"d', "", "NULL", "{x,y}"], ["a b", 'c"d', "", "NULL", "{x,y}"]),
        ("_int4", [" 1", "2"], [1, 2]),
        ("_mood", ["sad", "a,b\\c{}"], ["sad", "a,b\\c{}"]),
        ("_inner_one", ['{"label": "x,\\"y"}', "(a,1,{t})"], [
            {"label": 'x,"y', "n": None, "flags": None}, {"label": "a", "n": 1, "flags": [True]},
        ]),
        ("_jsonb", ["[1]", '"x"', "null"], [[1], "x", None]),
        ("_box", ["(1,1),(0,0)"], ["(1,1),(0,0)"]),
        ("vector", ["1", "2"], [1, 2]),
        ("short_texts", ["a", "b"], ["a", "b"]),
    ],
)  # fmt: skip
def test_an_array_repeats_in_a_query(
    bench: Bench, name: str, texts: list[str], expected: object
) -> None:
    encode = bench.encoders.array_of_texts(bench.types[name])

    assert bench.arrives(name, encode(texts, "/x")) == expected


def test_what_was_read_is_written_again_the_same() -> None:
    text = '{"a":[1,2.50,-0,1e5,null,true,"\\u00e9 \\"\\\\ \\u2028"],"b":{}}'

    assert loads(dumps(loads(text.encode())).encode()) == loads(text.encode())


@pytest.mark.parametrize(
    ("text", "malformed", "pointer"),
    [
        (b"{", True, ""),
        (b"", True, ""),
        (b"\xef\xbb\xbf1", True, ""),
        (b"[1,]", True, ""),
        (b"'a'", True, ""),
        (b'"\x01"', True, ""),
        (b"\xff", True, ""),
        (b"01", True, ""),
        (b"NaN", False, ""),
        (b'{"a":{"b":["\\u0000"]}}', False, "/a/b/0"),
        (b'{"a":"\\udc00"}', False, "/a"),
        (b'{"\\ud800":1}', False, ""),
        (b'{"a":1,"b":2,"a":3}', False, ""),
        (b"[" * 65 + b"]" * 65, False, ""),
    ],
)
def test_json_that_readers_disagree_about_is_refused(
    text: bytes, *, malformed: bool, pointer: str
) -> None:
    with pytest.raises(JsonError) as caught:
        loads(text)

    assert (caught.value.malformed, caught.value.pointer) == (malformed, pointer)


@pytest.mark.parametrize(
    "text", [b'"\\ud83d\\ude00"', b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, b" 1\n", b"1e400000"]
)
def test_json_that_is_only_unusual_is_read(text: bytes) -> None:
    loads(text)


def test_a_name_twice_among_a_hundred_thousand_is_found_at_once() -> None:
    names = ",".join(f'"{i}":0' for i in range(100_000))
    started = time.perf_counter()

    with pytest.raises(JsonError, match="'99999' stands twice"):
        loads(f'{{{names},"99999":1}}'.encode())

    assert time.perf_counter() - started < 1
