"""The ./dev script on machines where something is missing."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from db import binaries, doctor, process
from db.home import ROOT, Home, server_user
from db.stack import Stack

pytestmark = pytest.mark.skipif(
    not shutil.which("apt-get"), reason="these messages are for Debian and its kin"
)
LOCKS = ("requirements.lock", "requirements-dev.lock")


@pytest.fixture(scope="module")
def programs(open_folder: Path) -> Path:
    """A PATH with everything in it that this machine has."""
    folder = open_folder / "bin"
    folder.mkdir()
    for place in ("/usr/bin", "/usr/sbin"):
        for program in Path(place).iterdir():
            if not (folder / program.name).exists():
                (folder / program.name).symlink_to(program)
    return folder


def dev(folder: Path, programs: Path) -> subprocess.CompletedProcess[str]:
    """Run a copy of ./dev as somebody who isn't root."""
    shutil.copy(ROOT / "dev", folder / "dev")
    return subprocess.run(
        ["/bin/bash", folder / "dev", "status"],
        env={"PATH": str(programs)},
        capture_output=True,
        text=True,
        check=False,
        **process.identity(server_user() if os.getuid() == 0 else None),
    )


def test_a_missing_package_names_the_line_to_run(open_folder: Path, programs: Path) -> None:
    hidden = (programs / "sqitch").rename(programs / ".hidden")
    done = dev(open_folder, programs)
    hidden.rename(programs / "sqitch")

    assert done.returncode == 1
    assert "sudo apt-get install --no-install-recommends " in done.stderr
    assert "sqitch" in done.stderr
    assert "redis-server" not in done.stderr


def test_an_old_python_is_a_sentence(open_folder: Path, programs: Path) -> None:
    newer = [path for path in programs.glob("python3*") if path.name[7:8] in ("", ".")]
    hidden = {path: path.readlink() for path in newer}
    for path in newer:
        path.unlink()
    (programs / "python3").write_text("#!/bin/sh\n[ $1 = -c ] && exit 1; echo Python 3.9.2\n")
    (programs / "python3").chmod(0o755)
    done = dev(open_folder, programs)
    (programs / "python3").unlink()
    for path, target in hidden.items():
        path.symlink_to(target)

    assert done.returncode == 1
    assert done.stderr == "dev: Python 3.11 or newer is needed, and Python 3.9.2 is here.\n"


def test_doctor_names_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(binaries, "installed", list)
    monkeypatch.setenv("PATH", str(tmp_path))
    code = doctor.report(Stack(Home(tmp_path / "home")))
    said = capsys.readouterr().out

    assert code == 1
    assert "problem  PostgreSQL is missing.\n         → " in said
    assert "problem  redis-server is missing.\n         → On Debian `apt install redis-s" in said


@pytest.mark.parametrize("lock", LOCKS)
def test_the_locks_fit_debians_python(lock: str) -> None:
    """Debian 12 has 3.11.2, for which redis needs async-timeout: lock with /usr/bin/python3."""
    assert "\nasync-timeout==" in (ROOT / lock).read_text()
