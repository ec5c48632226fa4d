"""The retail import on the real file, against totals computed from the file alone."""

import csv
import os
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from db.database import Database
from db.home import ROOT
from db.testbed import Testbed
from tests.api.conftest import Api, running

FOLDER = Path(os.environ.get("PENSTOCK_REAL_DATA", ROOT.parent / "shared/data"))
FILE = FOLDER / "online_retail_first_10k.csv"
YEAR = FOLDER / "online_retail_sample_30k.csv"

needs_real_data = pytest.mark.skipif(
    not FILE.exists(),
    reason=f"PENSTOCK_REAL_DATA: {FILE} is not there; set it to the folder of the retail files",
)

SMALL = """\
InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
700001,10001,"LANTERN, WHITE",2,2010-12-01 08:26:00,2.55,17850.0,United Kingdom
700001,10002,MUG,1,2010-12-01 08:26:00,1.25,17850.0,United Kingdom
C700002,10001,LANTERN,-2,2010-12-01 09:00:00,2.55,17850.0,United Kingdom
700003,POST,POSTAGE,1,2010-12-01 09:00:00,18.00,17850.0,France
700004,10001,LANTERN,1,2010-12-01 09:00:00,2.55,,France
700005,10001,LANTERN,1,2010-12-01 09:00:00,0.0,17850.0,France
700006,10001,LANTERN
"""


# All that a table holds, but for when its rows were made and changed.
SAME = {
    "users": "id, email, username, full_name, role, is_active from app.users order by id",
    "products": "id, sku, name, description, price, stock, is_active, version"
    " from app.products order by id",
    "orders": "id, user_id, status, country, total, placed_at, source_invoice"
    " from app.orders order by id",
    "order_lines": "* from app.order_lines order by order_id, line_no",
}


def accepted(row: dict[str, str]) -> bool:
    """The rule, written anew."""
    return (
        not row["InvoiceNo"].startswith("C")
        and int(row["Quantity"]) > 0
        and Decimal(row["UnitPrice"]) > 0
        and row["CustomerID"].strip() != ""
        and re.match(r"\d{5}", row["StockCode"]) is not None
    )


def post(api: Api, content: bytes) -> dict:
    answer = api.post(
        "/imports/retail", content=content, headers={"content-type": "text/csv"}, timeout=120
    )
    assert answer.status_code == 201, answer.text
    return answer.json()


def add_staff(database: Database) -> int:
    ((user,),) = database.rows(
        "insert into app.users (email, username, role)"
        " values ('s@example.com', 'staff', 'staff') returning id"
    )
    return int(user)


@pytest.fixture
def staff(api: Api, database: Database) -> Iterator[Api]:
    with api.as_user(add_staff(database), "staff") as client:
        yield client


@needs_real_data
def test_the_real_file_to_the_penny(staff: Api, database: Database) -> None:
    with FILE.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    good = [row for row in rows if accepted(row)]
    december = [row for row in good if row["InvoiceDate"].startswith("2010-12")]
    revenue = sum(Decimal(row["UnitPrice"]) * int(row["Quantity"]) for row in december)

    report = post(staff, FILE.read_bytes())

    assert (report["lines"], report["loaded"]) == (len(rows), len(good))
    assert report["rejected"] == len(rows) - len(good)
    assert sum(each["lines"] for each in report["reasons"]) == report["rejected"]

    period = {"from": "2010-12-01", "to": "2010-12-31"}
    board = staff.get("/analytics/dashboard", params=period)

    assert f'"revenue":{revenue}' in board.text
    figures = board.json()
    assert figures["orders"] == len({row["InvoiceNo"] for row in december})
    assert figures["units"] == sum(int(row["Quantity"]) for row in december)
    assert figures["new_customers"] == len({row["CustomerID"] for row in december})
    by_day: Counter[str] = Counter()
    by_country: Counter[str] = Counter()
    for row in december:
        amount = Decimal(row["UnitPrice"]) * int(row["Quantity"])
        by_day[row["InvoiceDate"][:10]] += amount
        by_country[row["Country"]] += amount
    assert {
        d["day"]: Decimal(str(d["revenue"])) for d in figures["revenue_by_day"] if d["revenue"]
    } == by_day
    assert {
        c["country"]: Decimal(str(c["revenue"])) for c in figures["revenue_by_country"]
    } == by_country

    before = contents(database)
    again = post(staff, FILE.read_bytes())

    assert (again["loaded"], again["unchanged"]) == (0, len(good))
    assert contents(database) == before


@needs_real_data
@pytest.mark.parametrize("source", [FILE, YEAR], ids=["whole invoices", "sample"])
def test_what_was_imported_can_be_taken_elsewhere(
    staff: Api, database: Database, bed: Testbed, source: Path
) -> None:
    """All but what the import rejected; also what is the same to the minute, in its order."""
    post(staff, source.read_bytes())
    file = staff.get("/imports/retail", headers={"accept": "text/csv"}, timeout=120).content

    with bed.database() as empty, running(empty.serve_url) as elsewhere:
        client = elsewhere.as_user(add_staff(empty), "staff")
        report = post(client, file)
        there = client.get("/imports/retail", headers={"accept": "text/csv"}, timeout=120).content
        for name, columns in SAME.items():
            query = f"select {columns}"
            assert empty.rows(query) == database.rows(query), name

    assert report["rejected"] == 0
    assert report["loaded"] == file.count(b"\n") - 1 > 5_000
    assert there == file


def test_each_line_is_answered_for(staff: Api, database: Database) -> None:
    report = post(staff, SMALL.encode())

    assert (report["lines"], report["loaded"], report["rejected"]) == (7, 2, 5)
    rejects = staff.get(f"/imports/{report['import_id']}/rejects").json()
    assert [each["line"] for each in rejects] == [4, 5, 6, 7, 8]
    assert len({each["reason"] for each in rejects}) == 5
    assert rejects[-1]["raw"] == "700006,10001,LANTERN"
    assert database.rows("select total from app.orders") == [(Decimal("6.35"),)]


def test_history_touches_no_stock_and_makes_no_login(staff: Api, database: Database) -> None:
    post(staff, SMALL.encode())

    assert database.rows("select distinct stock from app.products") == [(0,)]
    assert database.rows("select count(*) from auth.credentials") == [(0,)]
    refused = staff.post(
        "/auth/login", json={"email": "retail-17850@customers.invalid", "password": "password"}
    )
    assert refused.status_code == 401


def test_only_staff_may_import(staff: Api, shared_api: Api) -> None:
    with shared_api.as_user(1, "member") as member:
        answer = member.post("/imports/retail", content=SMALL, headers={"content-type": "text/csv"})

    assert answer.status_code == 403


def test_a_wrong_header_changes_nothing(staff: Api, database: Database) -> None:
    before = contents(database)

    answer = staff.post(
        "/imports/retail",
        content=SMALL.replace("Quantity", "Count"),
        headers={"content-type": "text/csv"},
    )

    assert answer.status_code == 422
    assert "quantity" in answer.json()["detail"]
    assert contents(database) == before


def contents(database: Database) -> list[tuple]:
    """Everything an import might change, but for the record of the imports themselves."""
    tables = ("app.users", "app.products", "app.orders", "app.order_lines")
    return [
        database.rows(
            f"select count(*), md5(string_agg(t::text, '|' order by t::text)) from {t} t"
        )[0]
        for t in tables
    ]
