"""The state folder: secrets kept private, kept whole, and kept where the servers can reach them."""

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.errors import SetupError
from db.home import Home

AS_ROOT = os.getuid() == 0


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path / "a home")
    home.make()
    yield home
    home.remove()


def test_secrets_are_generated_once_and_private(home: Home) -> None:
    first = home.secret("authenticator")

    assert first == Home(home.path).secret("authenticator")
    assert len(first) >= 32
    assert stat.S_IMODE((home.path / "state.json").stat().st_mode) == 0o600


def test_remembering_one_thing_keeps_the_others(home: Home) -> None:
    secret = home.secret("redis")
    home.remember(api_pid=7)

    assert home.state() == {"secrets": {"redis": secret}, "api_pid": 7}


def test_a_damaged_state_file_is_named_with_the_way_out(home: Home) -> None:
    (home.path / "state.json").write_text("{")

    with pytest.raises(SetupError, match=r"state\.json is not readable.*\./dev reset"):
        home.state()


def test_a_port_is_remembered_while_it_is_free(home: Home) -> None:
    said: list[str] = []
    port = home.choose_port("redis", said.append)

    assert home.choose_port("redis", said.append) == port
    assert said == []


def test_a_taken_port_is_left_alone_and_said(home: Home, occupy) -> None:
    said: list[str] = []
    port = home.choose_port("redis", said.append)
    with occupy(port):
        other = home.choose_port("redis", said.append)

    assert other != port
    assert said == [f"Port {port} is taken by something else: redis goes to {other}."]
    assert home.port("redis") == other


@pytest.mark.skipif(not AS_ROOT, reason="only root has a folder that the servers can't enter")
def test_data_leaves_a_folder_that_only_root_may_enter(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    home = Home(tmp_path / "home")
    home.make()
    try:
        assert home.data.parent == Path("/var/lib/penstock")
        assert (home.path / "data-location").read_text().strip() == str(home.data)
        assert Home(home.path).data == home.data
    finally:
        home.remove()
    assert not home.data.exists()


def test_a_state_folder_is_json_for_other_tools(home: Home) -> None:
    home.remember(demo=True)

    assert json.loads((home.path / "state.json").read_text()) == {"demo": True}
