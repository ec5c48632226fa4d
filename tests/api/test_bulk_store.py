"""The store's lists over HTTP: a thousand at once, as whoever sends them, and the caches know."""

from collections.abc import Iterator

import pytest

from db.database import Database
from db.testbed import Testbed
from tests.api.conftest import Api, running
from tests.api.test_retail import FOLDER, needs_real_data, post

COUNT = 1000
FILE = FOLDER / "online_retail_sample_30k.csv"
EXPORT = """
    select string_agg(
        concat_ws(',', o.source_invoice, p.sku, '"' || replace(p.name, '"', '""') || '"',
            l.quantity, to_char(o.placed_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS'),
            l.unit_price, substring(u.email from '[0-9]+'), o.country),
        e'\\n' order by o.id, l.line_no)
    from app.orders o join app.order_lines l on l.order_id = o.id
    join app.products p on p.id = l.product_id join app.users u on u.id = o.user_id
    where o.source_invoice is not null
"""
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"


@pytest.fixture
def admin(api: Api, database: Database) -> Iterator[Api]:
    ((user,),) = database.rows(
        "insert into app.users (email, username, role)"
        " values ('a@example.com', 'admin', 'admin') returning id"
    )
    with api.as_user(user, "admin") as client:
        yield client


def send(client: Api, method: str, path: str, rows: list[dict[str, object]]) -> dict:
    answer = client.request(method, path, json=rows)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_thousand_products_come_change_and_go(admin: Api, database: Database) -> None:
    rows = [{"sku": f"P{i}", "name": f"Thing {i}", "price": 5} for i in range(COUNT)]
    ids = "select id from app.products where sku like 'P%' order by id"

    made = send(admin, "POST", "/products/bulk", rows)
    found = [row[0] for row in database.rows(ids)]
    first = admin.get(f"/products/{found[0]}").json()
    changes = [{"product_id": each, "price": 7} for each in found]
    changed = send(admin, "PATCH", "/products/bulk", changes)
    then = admin.get(f"/products/{found[0]}").json()
    replaced = send(admin, "PUT", "/products/bulk", [{**row, "price": 9} for row in rows])
    again = admin.get(f"/products/{found[0]}").json()
    gone = send(admin, "DELETE", "/products/bulk", [{"product_id": each} for each in found])

    assert [each["accepted"] for each in (made, changed, replaced, gone)] == [COUNT] * 4
    assert [float(each["price"]) for each in (first, then, again)] == [5, 7, 9]
    assert admin.get(f"/products/{found[0]}").status_code == 404
    assert database.rows(ids) == []


def test_a_thousand_users_come_change_and_go(admin: Api, database: Database) -> None:
    rows = [{"email": f"m{i}@example.org", "username": f"many.{i}"} for i in range(COUNT)]
    ids = "select id from app.users where username like 'many.%' order by id"

    made = send(admin, "POST", "/users/bulk", rows)
    found = [row[0] for row in database.rows(ids)]
    changes = [{"user_id": each, "full_name": "One of many"} for each in found]
    changed = send(admin, "PATCH", "/users/bulk", changes)
    then = admin.get(f"/users/{found[0]}").json()
    login = admin.post("/auth/login", json={"email": "m0@example.org", "password": "password"})
    gone = send(admin, "DELETE", "/users/bulk", [{"user_id": each} for each in found])

    assert [each["accepted"] for each in (made, changed, gone)] == [COUNT] * 3
    assert (then["full_name"], then["role"]) == ("One of many", "member")
    assert login.status_code == 401
    assert database.rows(ids) == []


def test_nobody_sends_what_they_may_not(api: Api) -> None:
    routes = [
        ("POST", "/products/bulk", "staff"), ("PUT", "/products/bulk", "staff"),
        ("PATCH", "/products/bulk", "staff"), ("DELETE", "/products/bulk", "staff"),
        ("POST", "/users/bulk", "admin"), ("PATCH", "/users/bulk", "admin"),
        ("DELETE", "/users/bulk", "admin"), ("POST", "/orders/bulk", "member"),
    ]  # fmt: skip
    roles = ["anon", "member", "staff", "admin"]
    for method, path, least in routes:
        for role in roles[: roles.index(least)]:
            client = api if role == "anon" else api.as_user(1, role)
            status = client.request(method, path, json=[]).status_code
            assert status == (401 if role == "anon" else 403), (method, path, role)


def test_a_sheet_of_orders_is_placed_for_whoever_sends_it(
    admin: Api, api: Api, database: Database
) -> None:
    send(admin, "POST", "/products/bulk", [{"sku": "L", "name": "L", "price": 5, "stock": 3}])
    send(admin, "POST", "/users/bulk", [{"email": "o@example.org", "username": "orderer"}])
    ((product,),) = database.rows("select id from app.products where sku = 'L'")
    ((user,),) = database.rows("select id from app.users where username = 'orderer'")
    member = api.as_user(user, "member")
    head = "order_no,product_id,quantity,country\n"
    sheet = head + f"1,{product},2,France\n2,{product},2,Spain\n3,{product},x,Spain\n"
    kind = {"content-type": "text/csv"}

    strict = member.post("/orders/bulk", content=sheet, headers=kind)
    assert (strict.status_code, member.get("/orders").json()) == (422, [])
    answer = member.post(
        "/orders/bulk", content=sheet, headers=kind | {"prefer": "handling=lenient"}
    )

    assert answer.json()["accepted"] == 1, answer.text
    assert [each["line"] for each in answer.json()["rejects"]] == [3, 4]
    (order,) = answer.json()["result"]
    assert order["order_no"] == "1"
    assert member.get(f"/orders/{order['order_id']}").json()["lines"][0]["quantity"] == 2
    assert database.rows("select stock from app.products") == [(1,)]


@needs_real_data
def test_what_was_imported_and_written_out_comes_in_as_the_same(bed: Testbed) -> None:
    with bed.database() as first, bed.database() as second:
        for database in (first, second):
            database.rows(
                "insert into app.users (email, username, role)"
                " values ('s@example.com', 'staff', 'staff')"
            )
        with running(first.serve_url) as api:
            post(api.as_user(1, "staff"), FILE.read_bytes())
        ((lines,),) = first.rows(EXPORT)
        with running(second.serve_url) as api:
            report = post(api.as_user(1, "staff"), (HEADER + lines + "\n").encode())

        assert report["rejected"] == 0
        assert what_is_sold(first) == what_is_sold(second)


def what_is_sold(database: Database) -> list[list[tuple]]:
    """The tables that an import fills, without the numbers and moments that it gives."""
    orders = (
        "select o.source_invoice, u.email, o.status, o.country, o.total, o.placed_at"
        " from app.orders o join app.users u on u.id = o.user_id order by 1"
    )
    lines = (
        "select o.source_invoice, l.line_no, p.sku, l.quantity, l.unit_price"
        " from app.order_lines l join app.orders o on o.id = l.order_id"
        " join app.products p on p.id = l.product_id order by 1, 2"
    )
    users = "select email, username, role from app.users order by 1"
    products = "select sku, name, price, stock, is_active from app.products order by 1"
    return [database.rows(query) for query in (users, products, orders, lines)]
