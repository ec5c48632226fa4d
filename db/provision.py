"""Make a server ready for Penstock: the roles, their passwords, and a database to deploy to."""

import re
from collections.abc import Mapping

import psycopg
from psycopg import sql

from db.home import ROOT
from db.tools import psql

OWNER = "penstock_owner"
DEPLOYER = "penstock_deployer"
SERVER = "authenticator"
ANALYST = "analyst"
ROLES_FILE = ROOT / "db" / "roles.sql"


def roles(superuser_url: str) -> None:
    """Make or correct the cluster-wide roles (db/roles.sql)."""
    psql(superuser_url, "-f", ROLES_FILE)


def passwords(superuser_url: str, by_role: Mapping[str, str]) -> None:
    """Set the passwords of login roles."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        for role, password in by_role.items():
            connection.execute(
                sql.SQL("alter role {} login password {}").format(
                    sql.Identifier(role), sql.Literal(password)
                )
            )


def analyst(superuser_url: str, password: str) -> None:
    """Make an analyst's login, as a DBA would for each reporting tool."""
    psql(superuser_url, "-c", f"""
        do $$ begin
            if not exists (select from pg_roles where rolname = '{ANALYST}') then
                create role {ANALYST} login;
            end if;
        end $$;
        grant reporter to {ANALYST};
    """)  # fmt: skip
    passwords(superuser_url, {ANALYST: password})


def missing_roles(url: str) -> list[str]:
    """The roles that db/roles.sql makes and this cluster has not."""
    wanted = re.findall(r"^alter role (\w+) (?:no)?login", ROLES_FILE.read_text(), re.MULTILINE)
    with psycopg.connect(url) as connection:
        present = {name for (name,) in connection.execute("select rolname from pg_roles")}
    return [role for role in wanted if role not in present]


def database_exists(superuser_url: str, name: str) -> bool:
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        query = "select 1 from pg_database where datname = %s"
        return connection.execute(query, [name]).fetchone() is not None


def database(superuser_url: str, name: str, template: str = "template0") -> None:
    """Make the database, owned by penstock_owner, unless it is there already."""
    if database_exists(superuser_url, name):
        return
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("create database {} owner {} template {}").format(
                sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(template)
            )
        )
