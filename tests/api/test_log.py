"""What of a request the log is told: nothing that PostgreSQL quotes of its arguments."""

import pytest

from api.log import unquoted

SECRET = "4111 1111 1111 1111"


@pytest.mark.parametrize(
    ("said", "logged"),
    [
        (f'invalid input syntax for type integer: "{SECRET}"',
         'invalid input syntax for type integer: "…"'),
        (f"SQL statement \"select '{SECRET}'::int\"\nPL/pgSQL function f() line 1 at EXECUTE",
         "SQL statement \"select '…'::int\"\nPL/pgSQL function f() line 1 at EXECUTE"),
        ('invalid input syntax for type date: "1111"', 'invalid input syntax for type date: "…"'),
        (f'JSON data, line 1: {{"a": {SECRET[:9]}...\nSQL function "f" statement 1',
         'SQL function "f" statement 1'),
        ('relation "app.orders" does not exist', 'relation "app.orders" does not exist'),
        ("division by zero", "division by zero"),
        ("", ""),
    ],
)  # fmt: skip
def test_what_was_given_is_left_out(said: str, logged: str) -> None:
    assert unquoted(said, ["7", None, "", SECRET]) == logged


def test_of_two_arguments_the_longer_goes_first() -> None:
    """Otherwise the end of the one that begins like the other would stay."""
    assert unquoted("it was abcdefgh", ["abcd", "abcdefgh"]) == "it was …"
