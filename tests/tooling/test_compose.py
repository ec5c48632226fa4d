"""What the containers are told to run, checked against the specification and run for real."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import yaml
from psycopg import sql

from db import process, sqitch
from db.home import ROOT
from db.provision import DEPLOYER, SERVER
from db.testbed import Testbed

COMPOSE = ROOT / "docker-compose.yml"
VARIABLE = re.compile(r"\$\{(\w+)(:[?-])([^}]*)\}")
SECRETS = {"POSTGRES_PASSWORD", "DEPLOYER_PASSWORD", "SERVER_PASSWORD", "REDIS_PASSWORD",
           "JWT_SECRET"}  # fmt: skip


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    return yaml.safe_load(COMPOSE.read_text())["services"]


def stages() -> dict[str, list[str]]:
    """The lines of each stage of the Dockerfile, continuations joined."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in (ROOT / "Dockerfile").read_text().replace("\\\n", " ").splitlines():
        if start := re.match(r"FROM (\S+) AS (\S+)", line):
            name = start[2]
            found[name] = list(found.get(start[1], []))
        elif name and line and not line.startswith("#"):
            found[name].append(line)
    return found


def command_of(stage: str) -> list[str]:
    (line,) = [line for line in stages()[stage] if line.startswith("CMD ")]
    return json.loads(line.removeprefix("CMD "))


def validate(file: Path) -> subprocess.CompletedProcess[str]:
    checker = ("check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(file))
    return subprocess.run(
        [sys.executable, "-m", *checker], capture_output=True, text=True, check=False
    )


def test_it_is_valid_by_the_specification() -> None:
    done = validate(COMPOSE)

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_specification_refuses_a_planted_fault(tmp_path: Path) -> None:
    planted = tmp_path / "docker-compose.yml"
    planted.write_text(COMPOSE.read_text().replace("service_healthy", "service_fine"))

    assert validate(planted).returncode == 1


def test_every_secret_is_demanded_and_none_has_a_default() -> None:
    found = {(name, kind) for name, kind, _ in VARIABLE.findall(COMPOSE.read_text())}

    assert {name for name, kind in found if kind == ":?"} == SECRETS
    assert not SECRETS & {name for name, kind in found if kind == ":-"}


def test_everything_waits_for_what_it_needs(services: dict[str, Any]) -> None:
    for name, service in services.items():
        for needed, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert "healthcheck" in services[needed] or has_healthcheck(services[needed]), name
            else:
                assert how["condition"] == "service_completed_successfully"
                assert services[needed]["restart"] == "no"
    assert services["api"]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


def has_healthcheck(service: dict[str, Any]) -> bool:
    return any(line.startswith("HEALTHCHECK") for line in stages()[service["build"]["target"]])


def test_four_replicas_stand_behind_the_balancer_with_limits(services: dict[str, Any]) -> None:
    assert services["api"]["deploy"]["replicas"] == 4
    assert "ports" not in services["api"]
    assert "server api:8000 resolve" in (ROOT / "docker" / "nginx.conf").read_text()
    for service in services.values():
        assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}


def test_the_world_reaches_the_balancer_alone(services: dict[str, Any]) -> None:
    published = {name: each["ports"] for name, each in services.items() if "ports" in each}

    assert set(published) == {"balancer", "prometheus", "mailpit"}
    for name in ("prometheus", "mailpit"):
        assert all(port.startswith("127.0.0.1:") for port in published[name])


def test_the_balancer_says_who_asks_and_not_they_themselves(services: dict[str, Any]) -> None:
    said = (ROOT / "docker/nginx.conf").read_text()

    assert "proxy_set_header X-Forwarded-For $remote_addr;" in said
    assert 'proxy_set_header Forwarded "";' in said
    assert services["api"]["environment"]["TRUSTED_PROXIES"]


def test_prometheus_asks_every_replica_and_the_worker(services: dict[str, Any]) -> None:
    jobs = yaml.safe_load((ROOT / "docker" / "prometheus.yml").read_text())["scrape_configs"]
    asked = {job["dns_sd_configs"][0]["names"][0]: job["dns_sd_configs"][0]["port"] for job in jobs}

    assert asked == {
        "api": 8000,
        "worker": int(services["worker"]["environment"]["WORKER_METRICS_PORT"]),
    }


def test_mounted_files_exist(services: dict[str, Any]) -> None:
    mounts = [mount for service in services.values() for mount in service.get("volumes", [])]

    assert all((ROOT / mount.split(":")[0]).is_file() for mount in mounts if mount[0] == ".")


def test_nothing_that_is_copied_is_ignored() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    let_in = {line.removeprefix("!") for line in lines if line.startswith("!")}
    copied = {
        source.split("/")[0]
        for stage in stages().values()
        for line in stage
        if line.startswith("COPY ") and "--from" not in line
        for source in line.split()[1:-1]
    }

    assert copied == let_in


class Container:
    """A stage's files, command and environment, run as a process on this machine."""

    def __init__(self, stage: str, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder / stage
        self.command = [sys.executable, *command_of(stage)[1:]]
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self.environment = kept | environment
        for line in stages()[stage]:
            if line.startswith("COPY ") and "--from" not in line:
                *sources, target = line.split()[1:]
                self._copy(sources, target)

    def _copy(self, sources: list[str], target: str) -> None:
        for source in sources:
            there = self.folder / target / (source if target == "./" else "")
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, there)
            else:
                there.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / source, there)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command or self.command,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def healthy(self) -> bool:
        (line,) = [line for line in stages()["api"] if line.startswith("HEALTHCHECK")]
        command = json.loads(line[line.index("CMD ") + 4 :])
        return self.run(sys.executable, *command[1:]).returncode == 0


@pytest.fixture
def variables(bed: Testbed, redis_url: str) -> dict[str, str]:
    """What .env holds; the test cluster's own passwords, for its roles are everybody's."""
    return {
        "POSTGRES_PASSWORD": bed.home.secret("postgres"),
        "DEPLOYER_PASSWORD": bed.home.secret(DEPLOYER),
        "SERVER_PASSWORD": bed.home.secret(SERVER),
        "REDIS_PASSWORD": urlsplit(redis_url).password or "",
        "JWT_SECRET": "0123456789abcdef" * 4,
    }


@pytest.fixture
def database_name(bed: Testbed) -> Iterator[str]:
    name = f"compose_{uuid.uuid4().hex[:8]}"
    yield name
    with psycopg.connect(bed.cluster.url("postgres"), autocommit=True) as connection:
        connection.execute(
            sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
        )


def test_what_the_containers_run_works(
    bed: Testbed,
    redis_url: str,
    variables: dict[str, str],
    database_name: str,
    services: dict[str, Any],
    tmp_path: Path,
) -> None:
    def environment(service: str) -> dict[str, str]:
        here = {
            "@db:5432/penstock": f"@127.0.0.1:{bed.cluster.port}/{database_name}",
            "@db:5432": f"@127.0.0.1:{bed.cluster.port}",
            "@redis:6379": f"@127.0.0.1:{urlsplit(redis_url).port}",
        }
        filled = {}
        for name, value in services[service]["environment"].items():
            text = VARIABLE.sub(lambda found: variables.get(found[1], found[3]), value)
            for inside, outside in here.items():
                text = text.replace(inside, outside)
            filled[name] = text
        return filled

    migrate = Container("migrate", tmp_path, environment("migrate"))
    first = migrate.run()
    again = migrate.run()

    assert first.returncode == 0, first.stdout + first.stderr
    assert again.returncode == 0, again.stdout + again.stderr
    deployer = migrate.environment["DEPLOYER_URL"]
    assert sqitch.deployed(deployer) == sqitch.planned()[-1]

    port = str(process.free_port(range(28500, 29000)))
    api = Container("api", tmp_path, environment("api") | {"PORT": port})
    with (
        (tmp_path / "log").open("w") as log,
        subprocess.Popen(
            api.command, cwd=api.folder, env=api.environment, stdout=log, stderr=log
        ) as running,
    ):
        deadline = time.monotonic() + 30
        while not api.healthy():
            assert running.poll() is None, (tmp_path / "log").read_text()
            assert time.monotonic() < deadline, (tmp_path / "log").read_text()
        running.terminate()
    assert not api.healthy()


def test_migrate_says_what_is_not_set(tmp_path: Path) -> None:
    done = Container("migrate", tmp_path, {}).run()

    assert done.returncode == 1
    assert done.stderr.startswith("migrate: ADMIN_URL is not set: postgresql://")
