"""The faults of `./dev test --faults` fit the code, and the runner tells found from missed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.home import ROOT
from db.testbed import bed_of
from tests import planted
from tests.faults.planted import FAULTS
from tests.planted import Edit, Fault


@pytest.mark.parametrize("fault", FAULTS, ids=[each.name for each in FAULTS])
def test_a_fault_still_fits(fault: Fault) -> None:
    for edit in fault.edits:
        assert (ROOT / edit.file).read_text().count(edit.old) == 1, edit
    path, _, name = fault.test.partition("::")
    assert f"def {name}(" in (ROOT / path).read_text() if name else (ROOT / path).exists()
    assert fault.edits or fault.sql


def test_there_are_thirty_of_them() -> None:
    assert len(FAULTS) >= 30
    assert len({each.name for each in FAULTS}) == len(FAULTS)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A home of its own, whose servers end with the test."""
    monkeypatch.setenv("PENSTOCK_HOME", str(tmp_path))
    yield
    bed = bed_of(tmp_path)
    bed.cluster.stop()
    bed.home.remove()


@pytest.mark.usefixtures("elsewhere")
def test_what_no_test_guards_is_missed() -> None:
    harmless = Edit("api/cookies.py", "400 * 86_400", "300 * 86_400")
    test = "tests/api/test_slices.py"
    outdated = Edit("api/cookies.py", "no such text", "")

    assert not planted._is_found(Fault("harmless", test, (harmless,)))[0]
    assert not planted._is_found(Fault("outdated", test, (outdated,)))[0]
    nothing = Fault("no such test", "tests/api/test_nothing.py", (harmless,))
    assert not planted._is_found(nothing)[0]


def test_sql_goes_to_the_end_of_what_is_deployed(tmp_path: Path) -> None:
    (tmp_path / "deploy/app").mkdir(parents=True)
    (tmp_path / "sqitch.plan").write_text("%project=x\n\na/first # 1\n@core\napp/last # 2\n")
    script = tmp_path / "deploy/app/last.sql"
    script.write_text("begin;\n\nselect 1;\n\ncommit;\n")

    Fault("x", "y", sql="select 2").plant(tmp_path)

    assert script.read_text() == "begin;\n\nselect 1;\n\nselect 2;\n\ncommit;\n"
