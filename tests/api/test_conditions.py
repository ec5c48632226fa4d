"""ETag and If-Match: who changes a product must have read it as it is."""

from collections.abc import Iterator
from typing import Any

import pytest

from db.testbed import Testbed
from tests.api.conftest import Api, running


@pytest.fixture(scope="module")
def staff(bed: Testbed) -> Iterator[Api]:
    with bed.database() as database, running(database.serve_url) as api:
        yield api.as_user(1, "staff")


@pytest.fixture
def product(staff: Api, request: pytest.FixtureRequest) -> dict[str, Any]:
    made = staff.post(
        "/products",
        json={"sku": f"SKU{abs(hash(request.node.name)) % 10**8}", "name": "Lamp", "price": 5},
    )
    assert made.status_code == 201, made.text
    return dict(made.json())


def change(product: dict[str, Any], **changes: Any) -> dict[str, Any]:
    kept = {name: product[name] for name in ("sku", "name", "description", "price", "stock")}
    return kept | {"is_active": True} | changes


def test_who_read_it_as_it_is_may_change_it(staff: Api, product: dict[str, Any]) -> None:
    path = f"/products/{product['id']}"
    etag = staff.get(path).headers["etag"]
    assert etag.startswith('"1-')

    changed = staff.put(path, json=change(product, price=6), headers={"if-match": etag})

    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert staff.get(path).headers["etag"].startswith('"2-')
    late = staff.put(path, json=change(product, price=7), headers={"if-match": etag})
    assert late.status_code == 412
    assert late.json()["type"].endswith("products_version_current")
    assert staff.get(path).json()["price"] == 6


def test_the_version_may_stand_in_the_body(staff: Api, product: dict[str, Any]) -> None:
    path = f"/products/{product['id']}"

    assert staff.put(path, json=change(product, version=1)).status_code == 200
    assert staff.put(path, json=change(product, version=1)).status_code == 412


def test_without_a_version_nothing_is_changed(staff: Api, product: dict[str, Any]) -> None:
    answer = staff.put(f"/products/{product['id']}", json=change(product, price=9))

    assert answer.status_code == 428
    assert "send its ETag as If-Match" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ('"1-0123456789abcdef"', 200),
        ('W/"1-0123456789abcdef"', 412),
        ('"2-0123456789abcdef"', 412),
        ('"x-0123456789abcdef"', 412),
        ('"0123456789abcdef"', 412),
        ('""', 412),
        ("*", 400),
        ("1", 400),
        ('"1-0123456789abcdef", "2-0123456789abcdef"', 400),
        ('"1-0123456789abcdef', 400),
        ("", 400),
    ],
)
def test_what_if_match_may_hold(
    staff: Api, product: dict[str, Any], header: str, status: int
) -> None:
    answer = staff.put(
        f"/products/{product['id']}", json=change(product), headers={"if-match": header}
    )

    assert answer.status_code == status, answer.text


def test_a_request_that_is_wrong_anyway_is_told_so_first(
    staff: Api, product: dict[str, Any]
) -> None:
    """RFC 9110, 13.2.1: a precondition counts only where all else would succeed."""
    answer = staff.put(
        f"/products/{product['id']}",
        json=change(product, price="dear"),
        headers={"if-match": '"0123456789abcdef"'},
    )

    assert (answer.status_code, answer.json()["pointer"]) == (422, "/price")


def test_body_and_header_must_agree(staff: Api, product: dict[str, Any]) -> None:
    answer = staff.put(
        f"/products/{product['id']}",
        json=change(product, version=2),
        headers={"if-match": '"1-0123456789abcdef"'},
    )

    assert (answer.status_code, answer.json()["pointer"]) == (422, "/version")


def test_the_description_says_so(staff: Api) -> None:
    paths = staff.get("/openapi.json").json()["paths"]
    put, get = (paths["/api/v1/products/{product_id}"][method] for method in ("put", "get"))

    assert "If-Match" in [each["name"] for each in put["parameters"]]
    assert {"412", "428"} <= set(put["responses"])
    assert "version" not in put["requestBody"]["content"]["application/json"]["schema"]["required"]
    assert "304" in get["responses"]
    assert {"ETag", "Cache-Control", "Cache-Status"} <= set(get["responses"]["200"]["headers"])
    assert "If-None-Match" in [each["name"] for each in get["parameters"]]
