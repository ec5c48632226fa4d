"""The limit: pgbench sends the same statements, a transaction a pipeline, and makes no HTTP."""

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from api.wire import settled
from benchmarks import proc
from benchmarks.ground import Ground
from benchmarks.race import Terms, Turn
from benchmarks.wrk import Load
from db import binaries
from db.errors import SetupError
from db.tools import libpq

CLIENTS = 16
THREADS = 2
_CONTEXT = (
    "select where set_config('role', '{role}', true) is not null"
    " and set_config('request.jwt.claims', '{claims}', true) is not null"
    " and set_config('request.method', '{method}', true) is not null"
    " and set_config('request.path', '{path}', true) is not null;"
)
_USER = "select case when not (r.*) is null then row_to_json(r.*)::text end from ({call}) as r"
_UPDATE = "select * from api.user_update(:id, full_name => 'Bench ' || :number::text) limit 1"
_CALLS = {
    "read": _USER.format(call="select * from api.user_get(:id) limit 1"),
    "list": (
        "select coalesce(json_agg(row_to_json(r.*)), '[]')::text"
        ' from api.user_list("limit" => 50) as r'
    ),
    "write": settled(_USER.format(call=_UPDATE)),
}


def script(ground: Ground, case: str) -> str:
    """What pgbench repeats."""
    role = "staff" if case == "list" else "member"
    members = ground.members(2000 if case == "write" else 64)
    claims = f'{{"sub": ":id", "role": "{role}", "aud": "penstock", "iss": "penstock"}}'
    context = _CONTEXT.format(
        role=role,
        claims=claims,
        method="PATCH" if case == "write" else "GET",
        path="/api/v1/users",
    )
    # pgbench puts no variable inside quotes, so the claims are put together by the server.
    context = context.replace(":id", "' || :id || '")
    return "\n".join(
        (
            f"\\set id random({members[0]}, {members[-1]})",
            "\\set number random(1, 1000000)",
            "\\startpipeline",
            context,
            f"{_CALLS[case]};",
            "\\endpipeline",
            "",
        )
    )


def pgbench_turn(ground: Ground, case: str, terms: Terms) -> Callable[[], Turn] | None:
    """A turn of pgbench; None where there is no script for the case."""
    if case not in _CALLS:
        return None
    path = ground.home.path / f"pgbench-{case}.sql"
    path.write_text(script(ground, case))
    role = "staff" if case == "list" else "member"
    _run(ground, path, role, 1)

    def turn() -> Turn:
        before = proc.cpu(ground.cluster.pid() or 0)
        load = _run(ground, path, role, max(1, round(terms.seconds)))
        after = proc.cpu(ground.cluster.pid() or 0)
        return Turn(load, 0, after - before)

    return turn


def _run(ground: Ground, path: Path, role: str, seconds: int) -> Load:
    server = binaries.choose()
    read_only = "off" if "write" in path.name else "on"
    settings = {
        "role": role,
        "default_transaction_read_only": read_only,
        "statement_timeout": "10s",
    }
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    done = subprocess.run(
        [
            *(str(server.tool("pgbench")), "--no-vacuum", "--protocol=prepared"),
            *(f"--client={CLIENTS}", f"--jobs={THREADS}", f"--time={seconds}"),
            f"--file={path}",
        ],
        check=False,
        capture_output=True,
        text=True,
        # It prepares before the first statement sets the role, and the login itself may do nothing.
        env=os.environ | libpq(ground.database.serve_url) | {"PGOPTIONS": options},
    )
    number = re.search(r"number of transactions actually processed: (\d+)", done.stdout)
    rate = re.search(r"tps = ([\d.]+)", done.stdout)
    latency = re.search(r"latency average = ([\d.]+) ms", done.stdout)
    if done.returncode or not number or not rate or not latency:
        raise SetupError(f"pgbench failed:\n{done.stdout}{done.stderr}")
    return Load(
        requests=int(number[1]),
        seconds=int(number[1]) / float(rate[1]),
        p50=float(latency[1]),
        p95=0,
        p99=0,
        longest=0,
    )
