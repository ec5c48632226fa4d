"""The store's orders over HTTP, where they are hardest: all at once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from db.database import Database
from tests.api.conftest import Api

UNITS = 10
MEMBERS = 100


def members(database: Database, count: int) -> list[int]:
    return [
        row[0]
        for row in database.rows(
            "insert into app.users (email, username)"
            " select format('m%%s@example.com', i), format('member%%s', i)"
            " from generate_series(1, %s) as i returning id",
            count,
        )
    ]


def product(database: Database, stock: int, sku: str = "LAMP-1") -> int:
    return int(
        database.rows(
            "insert into app.products (sku, name, price, stock) values (%s, 'Lamp', 9.99, %s)"
            " returning id",
            sku,
            stock,
        )[0][0]
    )


def test_a_hundred_members_and_ten_units(api: Api, database: Database) -> None:
    product_id = product(database, UNITS)
    callers = [api.as_user(user, "member") for user in members(database, MEMBERS)]
    order = {"country": "United Kingdom", "lines": [{"product_id": product_id, "quantity": 1}]}

    with ThreadPoolExecutor(MEMBERS) as threads:
        answers = list(threads.map(lambda caller: caller.post("/orders", json=order), callers))

    assert Counter(answer.status_code for answer in answers) == {201: UNITS, 409: MEMBERS - UNITS}
    assert database.rows("select stock from app.products") == [(0,)]
    assert database.rows("select count(*), sum(quantity) from app.order_lines") == [(UNITS, UNITS)]
    refused = next(answer for answer in answers if answer.status_code == 409).json()
    assert refused["type"] == "/problems/orders_stock_suffices"
    for caller in callers:
        caller.close()


def test_carts_that_cross_never_deadlock(api: Api, database: Database) -> None:
    """Two products, ordered in both orders at once: locks are taken in one order."""
    first, second = product(database, 1000, "A-1"), product(database, 1000, "B-1")
    callers = [api.as_user(user, "member") for user in members(database, 20)]

    def place(caller: Api) -> list[int]:
        pairs = ((first, second), (second, first))
        return [
            caller.post(
                "/orders",
                json={
                    "country": "France",
                    "lines": [{"product_id": p, "quantity": 1} for p in pair],
                },
            ).status_code
            for pair in pairs * 3
        ]

    with ThreadPoolExecutor(20) as threads:
        statuses = [status for each in threads.map(place, callers) for status in each]

    assert set(statuses) == {201}
    assert database.rows("select distinct stock from app.products") == [(1000 - len(statuses),)]
    assert database.rows(
        "select deadlocks from pg_stat_database where datname = current_database()"
    ) == [(0,)]
    for caller in callers:
        caller.close()


def test_the_life_of_an_order(api: Api, database: Database) -> None:
    product_id = product(database, 5)
    (user,) = members(database, 1)
    with api.as_user(user, "member") as member, api.as_user(user, "staff") as staff:
        placed = member.post(
            "/orders",
            json={"country": "France", "lines": [{"product_id": product_id, "quantity": 2}]},
        )
        assert placed.status_code == 201, placed.text
        where = placed.headers["location"].removeprefix("/api/v1")
        assert member.get(where).json() == placed.json()
        assert placed.json()["total"] == 19.98

        assert member.post(f"{where}/ship").status_code == 403
        assert staff.post(f"{where}/ship").status_code == 409
        assert member.post(f"{where}/pay").json()["status"] == "paid"
        assert member.post(f"{where}/cancel").json()["status"] == "cancelled"
        assert staff.post(f"{where}/ship").status_code == 409

    assert database.rows("select stock from app.products") == [(5,)]


def test_a_member_sees_no_order_of_another(api: Api, database: Database) -> None:
    product_id = product(database, 5)
    owner, other = members(database, 2)
    with api.as_user(owner, "member") as mine, api.as_user(other, "member") as theirs:
        order = {"country": "France", "lines": [{"product_id": product_id, "quantity": 1}]}
        where = mine.post("/orders", json=order).headers["location"].removeprefix("/api/v1")

        assert mine.get(where).status_code == 200
        assert theirs.get(where).status_code == 404
        assert theirs.post(f"{where}/cancel").status_code == 404
        assert theirs.get("/orders").json() == []
