"""`python -m db.migrate`: bring a PostgreSQL to where the API can start, once per release.

ADMIN_URL is a superuser's; DEPLOYER_URL and DATABASE_URL (the API's) are made true: their logins
get those passwords, their database is made, and the plan is deployed to it. Safe to run again.
"""

import importlib
import os
import sys
from urllib.parse import unquote, urlsplit

from db import provision, sqitch
from db.errors import SetupError
from db.provision import DEPLOYER, SERVER


def main() -> int:
    try:
        _migrate(_url("ADMIN_URL"), _url("DEPLOYER_URL"), _url("DATABASE_URL"))
    except SetupError as error:
        print(f"migrate: {error}", file=sys.stderr)
        return 1
    return 0


def _migrate(admin: str, deployer: str, server: str) -> None:
    provision.roles(admin)
    provision.passwords(admin, {DEPLOYER: _password(deployer), SERVER: _password(server)})
    provision.database(admin, urlsplit(deployer).path.removeprefix("/"))
    sqitch.deploy(deployer, print)
    if os.environ.get("PENSTOCK_DEMO") == "1":
        importlib.import_module("db.demo").seed(deployer)


def _url(variable: str) -> str:
    value = os.environ.get(variable)
    if not value:
        raise SetupError(f"{variable} is not set: postgresql://user:password@host:5432/database.")
    return value


def _password(url: str) -> str:
    return unquote(urlsplit(url).password or "")


if __name__ == "__main__":
    sys.exit(main())
