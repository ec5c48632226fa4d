"""Walking a list page by page: every row once, whatever happens in between; no forged cursor."""

import base64
import json
import random
from collections.abc import Iterator

import httpx
import pytest

from api.encode import ArgumentError
from api.paging import decode_cursor, encode_cursor, next_link
from db.database import Database
from db.testbed import Testbed
from tests.api.conftest import Api, running

PRODUCTS = """
insert into app.products (sku, name, price, stock, created_at)
select 'PAGE-' || lpad(n::text, 4, '0'), 'Thing ' || (n % 5), n % 3, 1,
    timestamptz '2024-01-01' + (n % 4) * interval '1 microsecond'
from generate_series(1, 130) as n
"""


@pytest.fixture(scope="module")
def base(bed: Testbed) -> Iterator[Database]:
    with bed.database() as database:
        database.psql(PRODUCTS)
        yield database


@pytest.fixture(scope="module")
def shop(base: Database) -> Iterator[Api]:
    with running(base.serve_url) as client:
        yield client


def follow(answer: httpx.Response) -> str | None:
    assert answer.status_code == 200, answer.text
    return answer.links["next"]["url"] if "next" in answer.links else None


def walk(shop: Api, query: str) -> list[list[dict[str, object]]]:
    pages, url = [], f"{shop.base_url}products?{query}"
    while url:
        answer = shop.get(httpx.URL(shop.origin).join(url))
        pages.append(answer.json())
        url = follow(answer) or ""
        assert len(pages) < 200
    return pages


@pytest.mark.parametrize("sort", ["name", "price", "newest"])
@pytest.mark.parametrize("limit", [1, 7, 13, 100])
def test_each_row_comes_once_and_in_order_though_many_are_equal(
    shop: Api, base: Database, sort: str, limit: int
) -> None:
    order = {"name": "name, id", "price": "price, id", "newest": "created_at desc, id desc"}[sort]
    expected = [row[0] for row in base.rows(f"select id from app.products order by {order}")]

    pages = walk(shop, f"limit={limit}&sort={sort}")

    assert [row["id"] for page in pages for row in page] == expected
    assert all(len(page) == limit for page in pages[:-1])


def test_rows_that_come_and_go_between_pages_disturb_nobody_else(bed: Testbed) -> None:
    with bed.database() as database:
        database.psql(PRODUCTS)
        ids = {row[0] for row in database.rows("select id from app.products")}
        rng = random.Random(7)
        with running(database.serve_url) as shop:
            seen, gone, url = [], set(), f"{shop.base_url}products?limit=10&sort=price"
            while url:
                answer = shop.get(httpx.URL(shop.origin).join(url))
                seen += [row["id"] for row in answer.json()]
                url = follow(answer) or ""
                victim = rng.choice(sorted(ids - gone))
                gone.add(victim)
                database.psql(
                    f"delete from app.products where id = {victim};"
                    "insert into app.products (sku, name, price, stock)"
                    f" values ('NEW-{victim}', 'New', {rng.randint(0, 2)}, 1)"
                )

    assert len(seen) == len(set(seen))
    assert ids - gone <= set(seen)


def test_a_page_of_all_keeps_the_other_arguments(shop: Api) -> None:
    answer = shop.get("/products", params={"limit": 3, "search": "thing", "sort": "price"})

    url = httpx.URL(answer.links["next"]["url"])
    assert url.path == f"{shop.settings.api_prefix}/products"
    kept = {name: url.params[name] for name in ("limit", "search", "sort")}
    assert kept == {"limit": "3", "search": "thing", "sort": "price"}
    assert len(url.params.get_list("cursor")) == 1


@pytest.mark.parametrize("limit", ["0", "-1", "101", "1e2", "1.5", "", "x", "9" * 30, "٣"])
def test_a_page_has_a_ceiling_and_a_floor(shop: Api, limit: str) -> None:
    answer = shop.get("/products", params={"limit": limit})

    assert answer.status_code == 422, answer.text
    assert answer.json()["pointer"] == "/limit"


def forged(fields: object) -> str:
    return encode_cursor(json.dumps(fields).encode())


GOOD = {"name": "Thing 1", "price": 1, "created_at": "2024-01-01T00:00:00+00:00", "id": 5}
CURSORS = {
    "nothing": "",
    "no base64": "§§§",
    "spaces": " ",
    "padding alone": "====",
    "one letter": "a",
    "not JSON": base64.urlsafe_b64encode(b"\xff\xfe{").decode(),
    "JSON null": forged(None),
    "a list": forged([1, 2]),
    "no fields": forged({}),
    "a field less": forged({k: v for k, v in GOOD.items() if k != "id"}),
    "a field more": forged({**GOOD, "role": "admin"}),
    "text for a number": forged({**GOOD, "id": "five"}),
    "a list for a number": forged({**GOOD, "id": [5]}),
    "an object for a number": forged({**GOOD, "id": {"a": 1}}),
    "a number too large": forged({**GOOD, "id": 10**40}),
    "a huge exponent": encode_cursor(json.dumps(GOOD).replace("5}", "1e999999999}").encode()),
    "a fraction": forged({**GOOD, "id": 5.5}),
    "true for a number": forged({**GOOD, "id": True}),
    "no time": forged({**GOOD, "created_at": "soon"}),
    "NUL": forged({**GOOD, "name": "a\x00b"}),
    "a lone surrogate": forged({**GOOD, "name": "\ud800"}),
    "NaN": encode_cursor(json.dumps({**GOOD, "price": float("nan")}).encode()),
    "deep": encode_cursor(b'{"name":' + b"[" * 20_000 + b"]" * 20_000 + b"}"),
    "a field twice": encode_cursor(b'{"id":1,' + json.dumps(GOOD).encode()[1:]),
    "SQL": forged({**GOOD, "id": "1) or true --"}),
}


@pytest.mark.parametrize("name", CURSORS)
def test_a_forged_cursor_is_422_and_never_500(shop: Api, name: str) -> None:
    answer = shop.get("/products", params={"cursor": CURSORS[name]})

    assert answer.status_code == 422, answer.text
    assert answer.json()["pointer"] == "/cursor"
    assert "is no cursor of this list" in answer.json()["errors"][0]["detail"]


def test_a_good_cursor_is_not_refused(shop: Api) -> None:
    """The control of the one above."""
    assert shop.get("/products", params={"cursor": forged(GOOD)}).status_code == 200


def test_any_mutilated_cursor_is_a_page_or_422(shop: Api) -> None:
    rng = random.Random(3)
    good = httpx.URL(shop.get("/products?limit=2").links["next"]["url"]).params["cursor"]
    seen = set()
    for _ in range(150):
        letters = list(good)
        for _ in range(rng.randint(1, 3)):
            letters[rng.randrange(len(letters))] = rng.choice("AZaz09-_=+/ %é")
        seen.add(shop.get("/products", params={"cursor": "".join(letters)}).status_code)

    assert seen <= {200, 422}
    assert 422 in seen


def test_a_cursor_of_nulls_is_a_page_like_any_other(shop: Api) -> None:
    answer = shop.get("/products", params={"cursor": forged(dict.fromkeys(GOOD))})

    assert answer.status_code == 200
    assert answer.json() == []


def test_a_cursor_is_what_it_was() -> None:
    fields = {"a": "ü/?&", "b": None, "c": [1, 2.50]}

    cursor = encode_cursor(json.dumps(fields).encode())

    decoded = decode_cursor(cursor, ("a", "b", "c"), "/cursor")
    assert decoded == {"a": "ü/?&", "b": None, "c": "[1,2.5]"}
    with pytest.raises(ArgumentError):
        decode_cursor(cursor, ("a", "b"), "/cursor")


def test_a_link_holds_nothing_that_could_end_a_header() -> None:
    query = b"search=%0D%0AX-Evil%3A+1%3E%22&cursor=old&search=b&empty="

    link = next_link("/a/ü\r\nb>", query, b'{"id":1}').decode("ascii")

    assert link == (
        "</a/%C3%BC%0D%0Ab%3E?search=%0D%0AX-Evil%3A+1%3E%22&search=b&empty=&cursor=eyJpZCI6MX0>"
        '; rel="next"'
    )


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        (b"", ""),
        (b"limit=5", "limit=5&"),
        (b"cursor=abc&limit=5&sort=name", "limit=5&sort=name&"),
        (b"limit=5&cursor=abc", "limit=5&"),
        (b"cursor=abc", ""),
        (b"limit=5&&", "limit=5&"),
        (b"limit=5&c%75rsor=abc", "limit=5&"),
        (b"a=%26cursor%3Dx&cursors=1", "a=%26cursor%3Dx&cursors=1&"),
    ],
)
def test_a_link_keeps_what_was_asked_but_the_place(query: bytes, kept: str) -> None:
    link = next_link("/a", query, b'{"id":1}').decode()

    assert link == f'</a?{kept}cursor=eyJpZCI6MX0>; rel="next"'
