"""`penstock import`: what it sends, says and ends with, against a real API."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from db import importing
from db.database import Database
from db.errors import SetupError
from tests.api.conftest import Api, running

GOOD = "sku,name,price\nA,Lamp,5\nB,Bowl,3\n"
MIXED = GOOD + "C,Cup,cheap\n"


@pytest.fixture
def url(module_database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with running(module_database.serve_url) as api:
        monkeypatch.setenv("PENSTOCK_TOKEN", api.token(1, "staff"))
        monkeypatch.delenv("PENSTOCK_URL", raising=False)
        yield str(Api(api.settings, api.origin).base_url)
    module_database.rows("delete from app.products")


def send(url: str, path: Path, *flags: str) -> int:
    return importing.run([str(path), "--to", "/products/bulk", *flags], lambda: url)


def test_all_lines_taken(
    url: str, tmp_path: Path, module_database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "products.csv"
    file.write_text(GOOD)
    packed = tmp_path / "products.csv.gz"
    packed.write_bytes(gzip.compress(GOOD.encode()))

    assert send(url, file) == 0
    assert send(url, packed, "--method", "PUT") == 0

    assert capsys.readouterr().out == "2 lines: 2 taken, 0 rejected.\n" * 2
    assert module_database.rows("select count(*) from app.products") == [(2,)]


def test_a_bad_line_refuses_all_and_lenient_takes_the_good_ones(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "products.csv"
    file.write_text(MIXED)

    assert send(url, file) == 1
    said = capsys.readouterr().out
    assert "line 4: price: price is no valid app.money." in said
    assert "Nothing was taken (422)" in said
    assert send(url, file, "--lenient") == 3
    assert "3 lines: 2 taken, 1 rejected." in capsys.readouterr().out


def test_it_follows_a_job_to_the_same_end(
    url: str, tmp_path: Path, module_database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "products.csv"
    file.write_text(MIXED)
    (tmp_path / "good.csv").write_text(GOOD)

    assert send(url, file, "--async") == 1
    said = capsys.readouterr().out
    assert "line 4: price: price is no valid app.money." in said
    assert "Nothing was taken (422)" in said
    assert send(url, file, "--async", "--lenient") == 3
    assert "3 lines: 2 taken, 1 rejected." in capsys.readouterr().out
    assert send(url, tmp_path / "good.csv", "--async", "--method", "PUT") == 0
    assert capsys.readouterr().out == "2 lines: 2 taken, 0 rejected.\n"
    assert module_database.rows(
        "select state, count(*) from penstock.long_calls group by state order by state"
    ) == [("done", 2), ("failed", 1)]


def test_it_waits_no_longer_than_it_was_told(
    url: str, tmp_path: Path, module_database: Database
) -> None:
    file = tmp_path / "products.csv"
    file.write_text(GOOD)
    with psycopg.connect(module_database.superuser_url) as blocker:
        blocker.execute("lock table app.products in share row exclusive mode")
        with pytest.raises(SetupError, match="still running after 1 s: GET /api/v1/jobs/"):
            send(url, file, "--async", "--timeout", "1")


def test_another_token_or_place_is_a_sentence(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "products.csv"
    file.write_text(GOOD)
    (tmp_path / "token").write_text("nonsense\n")

    assert send(url, file, "--token-file", str(tmp_path / "token")) == 1
    assert "Nothing was taken (401)" in capsys.readouterr().out
    with pytest.raises(SetupError, match="could not be sent"):
        send(url, file, "--url", "http://127.0.0.1:1/api/v1")
    with pytest.raises(SetupError, match="Say where the API is"):
        importing.run([str(file), "--to", "/products/bulk"], lambda: None)
    with pytest.raises(SetupError, match="does not say what it is"):
        send(url, tmp_path / "products")


def test_the_bar_goes_from_nothing_to_all() -> None:
    assert importing.bar(0, 1 << 20) == f"[{'.' * 30}]   0 %  0.0 of 1.0 MB"
    assert importing.applying({"lines": 0, "done": 0}) == f"[{'.' * 30}] 0 of 0 lines are done"
    assert importing.applying({"lines": 3000, "done": 1000}) == (
        f"[{'#' * 10}{'.' * 20}] 1,000 of 3,000 lines are done"
    )
    assert importing.bar(1 << 20, 1 << 20) == f"[{'#' * 30}] 100 %  1.0 of 1.0 MB"
