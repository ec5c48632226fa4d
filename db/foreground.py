"""`up` as a person sees it: the welcome, the wait, and a clean end on Ctrl-C."""

import shlex
import signal
import sys
import time
from types import FrameType
from typing import NoReturn

from db import process
from db.stack import Stack


def bring_up(stack: Stack, *, demo: bool) -> None:
    """Bring the stack up; if that is interrupted, take down what was started."""
    _interrupt_on_signals()
    try:
        stack.up(demo=demo)
    except KeyboardInterrupt:
        print("\nInterrupted; stopping what was started …")
        stack.down()
        raise


def wait(stack: Stack) -> int:
    """Stay until Ctrl-C, `./dev down` elsewhere, or the API's end."""
    print("\nCtrl-C stops it.")
    try:
        while stack.pid():
            time.sleep(0.3)
    except KeyboardInterrupt:
        print("\nStopping …")
        with stack.home.lock():
            stack.down()
        return 0
    if stack.home.state().get("api_pid") is None:
        print("Stopped by `./dev down`.")
        return 0
    print(f"The API ended by itself. The last lines of {stack.log}:", file=sys.stderr)
    print(process.tail(stack.log), file=sys.stderr)
    with stack.home.lock():
        stack.down()
    return 1


def welcome(stack: Stack) -> str:
    """Where everything is, and a line to paste for each kind of user."""
    status = stack.status()
    lines = [
        "",
        f"  API        {status['api']}",
        f"  Docs       {status['docs']}",
    ]
    logins = status.get("logins", {})
    lines += [
        f"  {role.capitalize():<10} {login['email']} / {login['password']}"
        for role, login in logins.items()
    ]
    lines += ["", "  An HTTP client:", f"    {_curl(stack)}"]
    lines += ["  A DBA:", f"    psql {shlex.quote(status['database_url'])}"]
    lines += ["  An analyst:", f"    psql {shlex.quote(status['analyst_url'])}"]
    return "\n".join(lines)


def _curl(stack: Stack) -> str:
    status = stack.status()
    member = status.get("logins", {}).get("member")
    if not member:
        return f"curl {status['api']}/openapi.json"
    body = f'{{"email": "{member["email"]}", "password": "{member["password"]}"}}'
    return (
        f"curl {status['api']}/auth/login -H 'content-type: application/json' "
        f"-d {shlex.quote(body)}"
    )


def _interrupt_on_signals() -> None:
    """A closed terminal or a plain kill ends things as cleanly as Ctrl-C."""

    def interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    for name in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, interrupt)
