"""The dashboard's roll-ups when everybody writes at once."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal

import psycopg
import pytest

from db.database import Database
from tests.api.conftest import Api
from tests.api.test_orders import members, product

CALLERS = 16
ORDERS = 12
RECOUNT = """
select
    count(distinct o.id),
    coalesce(sum(l.quantity), 0),
    coalesce(sum(l.quantity * l.unit_price), 0)
from app.orders as o join app.order_lines as l on l.order_id = o.id
where o.status <> 'cancelled'
"""


def counted(database: Database) -> list[tuple[object, ...]]:
    """What the dashboard says of today, while nobody writes."""
    return database.rows("select orders, units, revenue from api.dashboard_get()")


def folded(database: Database) -> list[tuple[object, ...]]:
    """What the roll-ups hold, after the last fold."""
    database.rows("select app.sales_fold()")
    assert database.rows("select from app.sales_moves") == []
    assert database.rows("select from app.sales_line_changes") == []
    return database.rows("select sum(orders), sum(units), sum(revenue) from app.sales_countries")


@contextmanager
def connected(database: Database) -> Iterator[psycopg.Connection]:
    """A connection with an open transaction, in which nothing may wait."""
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute("set lock_timeout = '2s'")
        yield connection


def place(connection: psycopg.Connection, user: int, product_id: int) -> None:
    connection.execute(
        "select set_config('request.jwt.claims', %s, true)", [f'{{"sub": "{user}"}}']
    )
    connection.execute(
        "select api.order_place(array[row(%s, 2)]::api.order_line_input[], 'France')", [product_id]
    )


def test_nothing_is_lost_while_folds_run(api: Api, database: Database) -> None:
    products = [product(database, 100_000, f"F-{n}") for n in range(CALLERS)]
    callers = [api.as_user(user, "member") for user in members(database, CALLERS)]
    done = threading.Event()

    def order(n: int) -> list[int]:
        lines = [{"product_id": products[(n + i) % CALLERS], "quantity": i + 1} for i in range(3)]
        statuses = []
        for i in range(ORDERS):
            placed = callers[n].post("/orders", json={"country": "France", "lines": lines})
            statuses.append(placed.status_code)
            if i % 3 == 0:
                where = placed.headers["location"].removeprefix("/api/v1")
                statuses.append(callers[n].post(f"{where}/cancel").status_code)
        return statuses

    def fold() -> int:
        folds = 0
        with psycopg.connect(database.superuser_url, autocommit=True) as connection:
            while not done.is_set():
                connection.execute("select app.sales_fold()")
                folds += 1
        return folds

    with ThreadPoolExecutor(CALLERS + 2) as threads:
        folders = [threads.submit(fold) for _ in range(2)]
        statuses = [s for each in threads.map(order, range(CALLERS)) for s in each]
        done.set()

    assert set(statuses) == {200, 201}
    assert all(folder.result() > 1 for folder in folders)
    truth = database.rows(RECOUNT)
    assert counted(database) == truth
    assert folded(database) == truth
    for caller in callers:
        caller.close()


def test_nobody_waits_for_a_fold(database: Database) -> None:
    first, second = product(database, 100, "W-1"), product(database, 100, "W-2")
    ada, bob = members(database, 2)
    with connected(database) as one, connected(database) as other:
        place(one, ada, first)
        one.execute("select app.sales_fold()")
        place(other, bob, second)  # while the fold before is not committed
        other.execute("select app.sales_fold()")
        other.commit()

        assert counted(database) == [(1, 2, Decimal("19.98"))] == database.rows(RECOUNT)
        one.commit()

    assert counted(database) == [(2, 4, Decimal("39.96"))] == database.rows(RECOUNT)
    assert folded(database) == database.rows(RECOUNT)


@pytest.mark.parametrize("isolation", ["read committed", "repeatable read"])
def test_an_order_that_is_cancelled_while_it_gets_a_line(
    database: Database, isolation: str
) -> None:
    """The one who cancels can't see the line, nor the other that the order is cancelled."""
    product_id = product(database, 100)
    (ada,) = members(database, 1)
    with connected(database) as one, connected(database) as other:
        place(one, ada, product_id)
        one.commit()
        database.rows("select app.sales_fold()")
        (order,) = database.rows("select id from app.orders")[0]
        for connection in (one, other):
            connection.execute(f"set transaction isolation level {isolation}".encode())
            connection.execute("select from app.orders")
        one.execute("update app.orders set status = 'cancelled' where id = %s", [order])
        other.execute("insert into app.order_lines values (%s, 9, %s, 5, 1)", [order, product_id])
        one.commit()
        assert counted(database) == [(0, 0, 0)]
        other.commit()

    assert counted(database) == [(0, 0, 0)] == database.rows(RECOUNT)
    assert folded(database) == [(0, 0, 0)]


def test_many_orders_that_are_deleted(database: Database) -> None:
    """Their lines go first, and what went is noted before it is folded."""
    product_id = product(database, 100)
    (ada,) = members(database, 1)
    database.psql(f"""
        with o as (
            insert into app.orders (user_id, country, total)
            select {ada}, 'France', 0 from generate_series(1, 1000) returning id
        )
        insert into app.order_lines
        select o.id, n, {product_id}, 1, 1 from o, generate_series(1, 3) as n
    """)
    assert counted(database) == [(1000, 3000, 3000)] == database.rows(RECOUNT)
    assert database.rows("select from app.sales_line_changes") == []
    database.psql("delete from app.orders where id % 2 = 0")
    assert counted(database) == [(500, 1500, 1500)] == database.rows(RECOUNT)
    assert folded(database) == database.rows(RECOUNT)


def test_truncate_needs_to_see_everything(database: Database) -> None:
    with connected(database) as connection:
        connection.execute("set transaction isolation level repeatable read")
        with pytest.raises(psycopg.errors.FeatureNotSupported):
            connection.execute("truncate app.orders cascade")


def test_a_lost_change_is_found(database: Database) -> None:
    """Control: without its trigger a line is missing."""
    product_id = product(database, 100)
    (ada,) = members(database, 1)
    database.psql("alter table app.order_lines disable trigger order_lines_note_sales_insert")
    database.psql("alter table app.orders disable trigger orders_note_sales_insert")
    with connected(database) as connection:
        place(connection, ada, product_id)

    assert counted(database) != database.rows(RECOUNT)
