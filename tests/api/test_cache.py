"""What is kept is the truth: for whom it was asked, and as it stands now."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from pydantic import SecretStr

from api import drain
from api.check import routes
from db.database import Database
from db.testbed import Testbed
from tests.api.conftest import Api, closed, running, within
from tests.api.lab import LAB

WITHIN_SECONDS = 1.0
SCHEMAS = ("api", "lab")


@pytest.fixture(scope="module")
def lab(bed: Testbed) -> Iterator[Database]:
    with bed.database() as database:
        database.psql(LAB)
        yield database


@pytest.fixture(params=["redis", "process"])
def api(request: pytest.FixtureRequest, lab: Database) -> Iterator[Api]:
    """The API with what it keeps in Redis, and with what it keeps in its own process."""
    url = request.getfixturevalue("redis_url") if request.param == "redis" else None
    with running(
        lab.serve_url, api_schemas=SCHEMAS, redis_url=SecretStr(url) if url else None
    ) as client:
        wait_for_cache(client)
        yield client


def wait_for_cache(api: Api) -> None:
    assert within(5, lambda: cache_status(api.get("/lamps")) != "fwd=bypass")


def cache_status(response: httpx.Response) -> str:
    name, _, rest = response.headers["cache-status"].partition("; ")
    assert name == "penstock"
    return rest


def is_hit(response: httpx.Response) -> bool:
    return cache_status(response).startswith("hit")


def fresh_lamp(api: Api, number: int, name: str) -> str:
    assert api.put(f"/lamps/{number}", json={"name": name}).status_code == 200
    return f"/lamps/{number}"


# ── Hits ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_second_read_is_a_hit_with_the_same_answer(api: Api) -> None:
    path = fresh_lamp(api, 100, "a lamp")

    first, second = api.get(path), api.get(path)

    assert cache_status(first) == "fwd=uri-miss; stored"
    assert cache_status(second) in ("hit; ttl=60", "hit; ttl=59")
    assert second.content == first.content
    assert second.headers["etag"] == first.headers["etag"]
    assert api.head(path).headers["cache-status"].startswith("penstock; hit")


def test_a_page_keeps_its_link(api: Api) -> None:
    fresh_lamp(api, 101, "one"), fresh_lamp(api, 102, "two")

    first, second = api.get("/lamps?limit=1"), api.get("/lamps?limit=1")

    assert is_hit(second)
    assert second.headers["link"] == first.headers["link"]
    beyond = api.get(
        "/lamps", params={"limit": 1, "cursor": first.links["next"]["url"].split("cursor=")[1]}
    )
    assert beyond.json() != first.json()


def test_nothing_found_is_kept_until_there_is_something(api: Api) -> None:
    path = f"/lamps/{time.monotonic_ns()}"

    assert [api.get(path).status_code for _ in range(2)] == [404, 404]
    assert is_hit(api.get(path))
    assert api.put(path, json={"name": "new"}).status_code == 200
    assert api.get(path).json()["name"] == "new"


def test_what_a_function_says_in_headers_is_not_kept(api: Api) -> None:
    first, second = api.get("/moments/header"), api.get("/moments/header")

    assert first.headers["x-for"] == second.headers["x-for"] == "you"
    assert first.json() != second.json()


def test_many_who_ask_at_once_are_one_call(api: Api) -> None:
    api.put("/lamps/103", json={"name": "forget what was kept"})

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: httpx.get(f"{api.base_url}moments/slow"), range(20)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert sum(cache_status(answer).endswith("stored") for answer in answers) == 1


# ── Changes ──────────────────────────────────────────────────────────────────────────────────────


def test_a_change_is_seen_by_the_next_read(api: Api) -> None:
    path = fresh_lamp(api, 104, "before")

    for name in ("once", "twice", "three times"):
        assert api.get(path).json()["name"]
        assert is_hit(api.get(path))
        api.put(path, json={"name": name})
        answer = api.get(path)
        assert answer.json()["name"] == name
        assert cache_status(answer) == "fwd=stale; stored"


def test_a_change_leaves_other_things_alone(api: Api) -> None:
    one, other = fresh_lamp(api, 105, "one"), fresh_lamp(api, 106, "other")
    api.get(other)

    api.put(one, json={"name": "changed"})

    assert is_hit(api.get(other))


def test_a_change_by_psql_is_seen_within_a_second(api: Api, lab: Database) -> None:
    path = fresh_lamp(api, 107, "before")
    assert api.get(path).json()["name"] == "before"

    lab.psql("update lab.lamps set name = 'by hand' where id = 107")

    assert within(WITHIN_SECONDS, lambda: api.get(path).json()["name"] == "by hand")


def test_everything_can_be_touched_by_hand(api: Api, lab: Database) -> None:
    path = fresh_lamp(api, 108, "here")
    api.get(path)
    lab.psql(
        "set session_replication_role = replica;"  # as pg_restore --disable-triggers does
        " update lab.lamps set name = 'there' where id = 108"
    )
    assert is_hit(api.get(path))

    lab.psql("select penstock.touch('*')")

    assert within(WITHIN_SECONDS, lambda: api.get(path).json()["name"] == "there")


def test_a_number_is_touched_however_it_is_written(api: Api) -> None:
    fresh_lamp(api, 7, "before")
    assert api.get("/lamps/007").json()["name"] == "before"
    assert is_hit(api.get("/lamps/007"))

    api.put("/lamps/7", json={"name": "after"})

    assert api.get("/lamps/007").json()["name"] == "after"


def test_a_change_that_failed_ends_nothing(api: Api) -> None:
    path = fresh_lamp(api, 109, "stays")
    api.get(path)

    assert api.delete(path).status_code == 409

    assert is_hit(api.get(path))


def test_what_is_touched_when_the_transaction_ends_is_seen_too(
    api: Api, lab: Database, bed: Testbed
) -> None:
    api.get("/lamps")
    assert is_hit(api.get("/lamps"))

    assert api.post("/notes", json={"id": time.monotonic_ns()}).status_code == 204

    assert cache_status(api.get("/lamps")) == "fwd=stale; stored"
    lines = bed.cluster.log.read_text().splitlines()
    assert not [line for line in lines if f"@{lab.name} WARNING" in line]


def test_a_changed_function_makes_its_old_answers_unreachable(api: Api, lab: Database) -> None:
    path = fresh_lamp(api, 110, "dim")
    assert api.get(path).json()["watts"] == 5
    definition = lab.rows("select pg_get_functiondef('lab.lamp_get'::regproc)")[0][0]
    try:
        lab.psql(definition.replace("select l.*", "select l.id, l.name, 100"))
        assert within(2 * WITHIN_SECONDS, lambda: api.get(path).json()["watts"] == 100)
    finally:
        lab.psql(definition)
    assert within(2 * WITHIN_SECONDS, lambda: api.get(path).json()["watts"] == 5)


def test_so_does_a_changed_policy(api: Api, lab: Database) -> None:
    path = fresh_lamp(api, 116, "in sight")
    lab.psql("create policy lamps_all on lab.lamps using (true)")
    lab.psql("alter table lab.lamps enable row level security")
    try:
        assert within(2, lambda: api.get(path).status_code == 200 and is_hit(api.get(path)))
        lab.psql("alter policy lamps_all on lab.lamps using (id <> 116)")
        assert within(2 * WITHIN_SECONDS, lambda: api.get(path).status_code == 404)
    finally:
        lab.psql("alter table lab.lamps disable row level security")
        lab.psql("drop policy lamps_all on lab.lamps")


def test_without_tags_an_answer_counts_for_its_time(api: Api) -> None:
    assert within(2, lambda: not is_hit(api.get("/moments/brief")))
    first = api.get("/moments/brief")

    assert first.headers["cache-control"] == "public, max-age=0"  # less than a second is none
    assert within(1, lambda: api.get("/moments/brief").json() != first.json())


def test_the_local_layer_is_as_old_as_it_says_and_no_older(api: Api) -> None:
    api.get("/moments/local")
    first = api.get("/moments/local")
    assert is_hit(first)

    api.put("/lamps/111", json={"name": "touched"})

    assert within(2, lambda: api.get("/moments/local").json() != first.json())


# ── Identity ─────────────────────────────────────────────────────────────────────────────────────


def test_each_caller_has_their_own_answer(api: Api) -> None:
    ada, bob = api.as_user(71, "member"), api.as_user(72, "member")

    for _ in range(2):
        for person in ("71", "72"):
            answer = (ada if person == "71" else bob).get("/who/subject")
            assert f'"sub": "{person}"' in answer.json()["claims"]
    assert is_hit(ada.get("/who/subject"))
    assert is_hit(bob.get("/who/subject"))
    assert ada.get("/who/subject").headers["cache-control"].startswith("private")


def test_another_token_of_the_same_caller_finds_the_answer(api: Api) -> None:
    first = api.as_user(73, "member").get("/who/subject")
    second = api.as_user(73, "member").get("/who/subject")

    assert is_hit(second)
    # What changes from token to token is not shown to the function: the key does not hold it.
    assert not any(name in first.json()["claims"] for name in ("exp", "iat", "jti"))


def test_with_vary_role_the_function_does_not_see_who_calls(api: Api) -> None:
    ada, bob, sam = (
        api.as_user(74, "member"),
        api.as_user(75, "member"),
        api.as_user(76, "staff"),
    )

    assert ada.get("/who/role").json() == {"user": None, "role": "member"}
    assert is_hit(bob.get("/who/role"))
    assert sam.get("/who/role").json() == {"user": None, "role": "staff"}
    assert api.get("/who/role").json() == {"user": None, "role": "anon"}


def test_with_vary_none_it_runs_for_all_as_anon(api: Api) -> None:
    answer = api.as_user(77, "admin").get("/who/none")

    assert answer.json() == {"user": None, "role": "anon"}
    assert answer.headers["cache-control"].startswith("public")
    assert is_hit(api.get("/who/none"))


def test_a_tag_may_be_the_caller(api: Api) -> None:
    me, you = api.as_user(112, "member"), api.as_user(113, "member")
    fresh_lamp(api, 112, "mine"), fresh_lamp(api, 113, "yours")
    assert [me.get("/mine").json()[0]["name"] for _ in range(2)] == ["mine"] * 2
    assert you.get("/mine").json()[0]["name"] == "yours"

    api.put("/lamps/112", json={"name": "mine, too"})

    assert me.get("/mine").json()[0]["name"] == "mine, too"
    assert is_hit(you.get("/mine"))


# ── Conditions ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
def test_who_has_the_answer_is_not_sent_it_again(api: Api, form: str) -> None:
    path = fresh_lamp(api, 114, "known")
    etag = api.get(path).headers["etag"]

    known = api.get(path, headers={"if-none-match": form.format(etag)})

    assert (known.status_code, known.content) == (304, b"")
    assert known.headers["etag"] == etag
    assert known.headers["cache-control"] == "public, no-cache"
    api.put(path, json={"name": "changed"})
    if form != "*":
        assert api.get(path, headers={"if-none-match": form.format(etag)}).status_code == 200


def test_bulk_changes_end_answers_too(api: Api) -> None:
    staff = api.as_user(1, "staff")
    before = staff.get("/analytics/dashboard?from=2010-12-01&to=2010-12-31")
    assert is_hit(staff.get("/analytics/dashboard?from=2010-12-01&to=2010-12-31"))
    lines = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
    number = 500_000 + time.monotonic_ns() % 100_000
    lines += f"{number},85123A,LANTERN,6,2010-12-01 08:26:00,2.55,17850,United Kingdom\n"

    answer = staff.post("/imports/retail", content=lines, headers={"content-type": "text/csv"})

    assert answer.status_code in (200, 201), answer.text
    after = staff.get("/analytics/dashboard?from=2010-12-01&to=2010-12-31")
    assert after.json()["orders"] == before.json()["orders"] + 1


def test_routes_shows_how_each_is_kept_and_how_well(
    api: Api, lab: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    path = fresh_lamp(api, 117, "counted")
    for _ in range(4):
        api.get(path)

    routes(lab.serve_url, SCHEMAS, metrics=httpx.get(api.origin + "/metrics").text)

    lines = capsys.readouterr().out.splitlines()
    of_lamps = next(line for line in lines if "/lamps/{id}" in line and "GET" in line)
    assert "cached 60 s by none, ends with lamp:{id}: 75% of 4 hit, " in of_lamps
    of_moments = next(line for line in lines if "/moments/lasting" in line)
    assert of_moments.endswith("cached 0.2 s by none, stale 60 s")


# ── Trouble ──────────────────────────────────────────────────────────────────────────────────────


def test_workers_without_redis_keep_nothing(serve: Callable[..., Api], lab: Database) -> None:
    api = serve(lab.serve_url, api_schemas=SCHEMAS, workers=2)

    assert {cache_status(api.get("/lamps")) for _ in range(3)} == {"fwd=bypass"}


def test_a_redis_that_refuses_us_is_no_trouble_but_slow(
    serve: Callable[..., Api], lab: Database, redis_url: str
) -> None:
    wrong = SecretStr(redis_url.replace("redis://:", "redis://:not"))
    api = serve(lab.serve_url, api_schemas=SCHEMAS, redis_url=wrong)

    assert [api.get("/lamps").status_code for _ in range(3)] == [200] * 3
    assert cache_status(api.get("/lamps")) == "fwd=bypass"
    assert api.put("/lamps/115", json={"name": "written"}).status_code == 200


def test_only_where_the_route_says_so_an_old_answer_stands_in(
    serve: Callable[..., Api], bed: Testbed, redis_url: str
) -> None:
    with bed.database() as database:
        database.psql(LAB)
        api = serve(
            database.serve_url,
            api_schemas=SCHEMAS,
            redis_url=SecretStr(redis_url),
            pool_timeout=0.5,
        )
        wait_for_cache(api)
        kept = api.get("/moments/lasting")
        api.get("/lamps/7")
        with closed(database):
            answers = [api.get("/moments/lasting") for _ in range(3)]
            time.sleep(1.2)
            answers.append(api.get("/moments/lasting"))

            assert {answer.json() for answer in answers} == {kept.json()}
            assert cache_status(answers[-1]).endswith("detail=database-unavailable")
            assert api.get("/lamps/7").status_code == 503


def test_what_was_touched_long_ago_is_cleared_away(
    serve: Callable[..., Api], bed: Testbed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drain, "_CLEAR_SECONDS", 0.1)
    monkeypatch.setattr(drain, "_KEPT_SECONDS", 0.5)
    with bed.database() as database:
        database.psql(LAB)
        count = "select count(*) from penstock.touches"
        database.psql("update lab.lamps set watts = 6")
        assert database.rows(count)[0][0] > 0
        serve(database.serve_url, api_schemas=SCHEMAS)

        assert within(5, lambda: database.rows(count) == [(0,)])
