"""`up` as a person sees it: the welcome, the wait, and a clean end on Ctrl-C."""

import contextlib
import shlex
import signal
import sys
import time
from types import FrameType
from typing import NoReturn

from db import process, sqitch
from db.provision import DEPLOYER
from db.stack import Stack

ENDINGS = (signal.SIGTERM, signal.SIGHUP)


def say_waiting() -> None:
    print("Another ./dev is at work here; waiting for it …")


def already_running(stack: Stack) -> int:
    """Say so, and whether the plan went on since."""
    print(f"It is already running (pid {stack.pid()}).")
    if sqitch.deployed(stack.url(DEPLOYER)) != sqitch.planned()[-1]:
        print("The plan has changes that are not deployed: `./dev deploy`.")
    print(welcome(stack))
    return 0


def wait(stack: Stack) -> int:
    """Stay until Ctrl-C (which is the caller's), `./dev down` elsewhere, or the API's end."""
    print("\nCtrl-C stops it.")
    while stack.pid():
        time.sleep(0.3)
    with stack.home.lock():  # a `down` that is under way says so when it is done
        meant = stack.home.state().get("api_pid") is None
    if meant:
        print("Stopped by `./dev down`.")
        return 0
    print(f"The API ended by itself. The last lines of {stack.log}:", file=sys.stderr)
    print(process.tail(stack.log), file=sys.stderr)
    stop(stack)
    return 1


def stop(stack: Stack) -> None:
    """Stop all three; a second Ctrl-C doesn't leave it half done."""
    for name in (signal.SIGINT, *ENDINGS):
        signal.signal(name, signal.SIG_IGN)
    with contextlib.suppress(OSError):  # the terminal may be gone
        print("\nStopping …")
    with stack.home.lock():
        stack.down()


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


def interrupt_on_signals() -> None:
    """A closed terminal or a plain kill ends things as cleanly as Ctrl-C."""

    def interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    for name in ENDINGS:
        signal.signal(name, interrupt)
