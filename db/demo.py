"""Demo data: a shop that has been open for a year, with one login for each kind of user."""

from pathlib import Path
from typing import NamedTuple

import psycopg
from argon2 import PasswordHasher

CONTENT = Path(__file__).with_suffix(".sql")


class Login(NamedTuple):
    """What somebody types to log in."""

    email: str
    password: str


# Demo values: they are public, so `seed` must never run where it matters.
LOGINS = {
    "member": Login("member@demo.example", "demo-member-2026"),
    "staff": Login("staff@demo.example", "demo-staff-2026"),
    "admin": Login("admin@demo.example", "demo-admin-2026"),
}


def seed(database_url: str) -> bool:
    """Fill the database as penstock_deployer; False when the demo data is there already."""
    with psycopg.connect(database_url) as connection:
        connection.execute("select pg_advisory_xact_lock(hashtextextended('db.demo', 0))")
        if _is_seeded(connection):
            return False
        _add_logins(connection)
        connection.execute(CONTENT.read_bytes())
    return True


def _is_seeded(connection: psycopg.Connection) -> bool:
    emails = [login.email for login in LOGINS.values()]
    query = "select exists (select from app.users where lower(email) = any (%s::text[]))"
    row = connection.execute(query, [emails]).fetchone()
    return row == (True,)


def _add_logins(connection: psycopg.Connection) -> None:
    hasher = PasswordHasher()
    for role, login in LOGINS.items():
        connection.execute(
            """
            with added as (
                insert into app.users (email, username, full_name, role, created_at)
                values (%s, %s, %s, %s::app.user_role, now() - interval '365 days')
                returning id
            )
            insert into auth.credentials (user_id, password_hash)
            select added.id, %s from added
            """,
            [
                login.email,
                f"demo.{role}",
                f"Demo {role.title()}",
                role,
                hasher.hash(login.password),
            ],
        )
