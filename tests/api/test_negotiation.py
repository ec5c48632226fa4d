"""Who gets a list as a file: only those who clearly ask for it."""

import pytest

from api.negotiation import Form, form_asked, takes_gzip
from tests.security.payloads import PAYLOADS

_HEADERS = list[tuple[bytes, bytes]]


def scope(name: str, *values: str) -> dict[str, _HEADERS]:
    return {"headers": [(b"host", b"x"), *((name.encode(), each.encode()) for each in values)]}


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("*/*", None),
        ("application/json", None),
        ("", None),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", None),
        ("text/html", None),
        ("application/json, text/csv", None),
        ("application/*, application/x-ndjson", Form.NDJSON),
        ("text/csv", Form.CSV),
        ("TEXT/CSV", Form.CSV),
        ("text/csv; charset=utf-8", Form.CSV),
        ("text/csv;header=present;q=0.5", Form.CSV),
        ("text/*", Form.CSV),
        ("text/csv, */*", Form.CSV),
        ("text/csv, */*;q=0.1", Form.CSV),
        ("text/csv;q=0.1, */*", None),
        ("text/csv;q=0", None),
        ("text/csv;q=0.000, application/x-ndjson;q=0.001", Form.NDJSON),
        ("text/csv;q=0.5, application/json;q=0.4", Form.CSV),
        ("text/csv;q=0.4, application/json;q=0.5", None),
        ("application/x-ndjson", Form.NDJSON),
        ("application/x-ndjson;q=0.9, text/csv;q=0.8, application/json;q=0.1", Form.NDJSON),
        ("text/csv;q=0.9, application/json;q=0", Form.CSV),
        # What makes no sense is not wanted.
        ("text/csv;q=high", None),
        ("text/csv;q=1.5", None),
        ("text/csv;q=", None),
        ("text/csv;q=-1", None),
        ("text/csv;q=nan", None),
        ("text/csvx, xtext/csv, text /csv", None),
        (",,;;q=1,text/csv", Form.CSV),
    ],
)
def test_the_form_that_is_preferred(accept: str, form: Form | None) -> None:
    assert form_asked(scope("accept", accept)) is form


def test_without_the_header_it_is_json() -> None:
    assert form_asked({"headers": []}) is None


def test_two_lines_are_one_list() -> None:
    assert form_asked(scope("accept", "application/json;q=0.5", "text/csv")) is Form.CSV


@pytest.mark.parametrize(
    ("coding", "packs"),
    [
        ("gzip", True),
        ("GZIP", True),
        ("x-gzip", True),
        ("gzip, deflate, br", True),
        ("br;q=1.0, gzip;q=0.5", True),
        ("*", True),
        ("gzip;q=0", False),
        ("gzip;q=0, *", False),
        ("*;q=0", False),
        ("identity", False),
        ("identity, gzip;q=0.5", False),
        ("br", False),
        ("", False),
        ("gzip;q=?", False),
    ],
)
def test_it_is_packed_for_whom_that_suits(coding: str, packs: bool) -> None:
    assert takes_gzip(scope("accept-encoding", coding)) is packs


def test_without_that_header_it_is_not_packed() -> None:
    assert not takes_gzip({"headers": []})


def test_nothing_that_is_sent_makes_it_fail() -> None:
    for payload in PAYLOADS:
        for before in (b"", b"text/csv;q=", b"text/csv,"):
            headers = [(b"accept", before + payload.text), (b"accept-encoding", payload.text)]
            form_asked({"headers": headers})
            takes_gzip({"headers": headers})
