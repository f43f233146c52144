"""Single awards, the night's passing, deletions, and the wire: drops, redirects, floods, the command line."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.replica.__main__ import main
from tests.replica.fixtures import SAMPLE, Replica
from tests.replica.traps import TRAPS, chosen

Start = Callable[..., Replica]
BODY = {"filters": {"award_type_codes": ["A", "B", "C", "D"]}, "fields": ["Award ID", "Mod"], "sort": "Award ID"}
TX = "search/spending_by_transaction/"


@pytest.fixture
def plain(usaspending_replica: Start) -> Replica:
    return usaspending_replica()


def _award(replica: Replica, word: str = "PALANTIR") -> str:
    return next(r["contract_award_unique_key"] for r in replica.service.store.rows if word in r["recipient_name"])


def test_an_award_is_found_by_either_id_and_a_miss_is_a_404(plain: Replica) -> None:
    key = _award(plain)
    by_key = plain.ask("GET", f"/api/v2/awards/{quote(key)}/").json
    assert by_key["generated_unique_award_id"] == key
    assert plain.ask("GET", f"/api/v2/awards/{by_key['id']}/").json == by_key
    missed = plain.ask("GET", "/api/v2/awards/CONT_AWD_NONE_7012_-NONE-_-NONE-/")
    assert missed.status == 404 and missed.json["detail"].startswith("No Award found with: {")


def test_transactions_of_an_award_carry_their_own_ids(plain: Replica) -> None:
    counted = Counter(r["contract_award_unique_key"] for r in plain.service.store.rows)
    key, number = counted.most_common(1)[0]
    answer = plain.post("transactions/", {"award_id": key, "limit": 5000, "order": "asc"}).json
    assert {row["id"] for row in answer["results"]} == {
        f"CONT_TX_{r['contract_transaction_unique_key']}"
        for r in plain.service.store.rows
        if r["contract_award_unique_key"] == key
    }
    assert number > 2 and answer["page_metadata"]["hasNext"] is False
    assert [r["action_date"] for r in answer["results"]] == sorted(r["action_date"] for r in answer["results"])
    first = plain.post("transactions/", {"award_id": key, "limit": 1}).json
    assert first["page_metadata"] == {"page": 1, "next": 2, "previous": None, "hasNext": True, "hasPrevious": False}
    assert plain.post("transactions/", {"award_id": key, "limit": 5001}).status == 422
    assert plain.post("transactions/", {}).status == 422


def test_subawards_by_award_and_none_for_an_unknown_one(plain: Replica) -> None:
    prime = plain.service.store.subawards[0]["prime_award_unique_key"]
    found = plain.post("subawards/", {"award_id": prime, "limit": 100}).json["results"]
    assert found and set(found[0]) == {
        "id", "subaward_number", "description", "action_date", "amount", "recipient_name"
    }  # fmt: skip
    unknown = plain.post("subawards/", {"award_id": "CONT_AWD_X_7012_-NONE-_-NONE-"})
    assert (unknown.status, unknown.json["results"]) == (200, [])
    assert len(plain.post("subawards/", {"limit": 2, "page": 2}).json["results"]) == 2


def test_the_next_night_shows_new_rows_in_the_window_only(usaspending_replica: Start) -> None:
    replica = usaspending_replica(today=date(2024, 2, 1))
    before = replica.transaction_keys()
    replica.move_today(date(2024, 6, 30))
    new = replica.transaction_keys() - before
    assert new
    modified = {
        r["last_modified_date"]
        for r in replica.service.store.rows
        if r["contract_transaction_unique_key"] in new
    }  # fmt: skip
    assert all("2024-02-01" < day <= "2024-06-30" for day in modified)
    assert replica.ask("GET", "/api/v2/awards/last_updated/").json == {"last_updated": "06/30/2024"}


def test_controls_change_and_restore_the_day_and_the_rows(plain: Replica) -> None:
    def control(name: str, body: dict[str, Any]) -> Any:
        return plain.ask("POST", f"/replica/{name}", body)

    key = sorted(plain.transaction_keys())[0]
    assert plain.ask("GET", "/replica/rows").json["count"] == 62
    assert control("delete", {"transaction_key": key}).json["count"] == 61
    assert control("delete", {"transaction_key": "nonsense"}).status == 400
    other = sorted(plain.transaction_keys())[0]
    control("correct", {"transaction_key": other, "values": {"recipient_name": "NEW NAME LLC"}})
    assert sum(r["recipient_name"] == "NEW NAME LLC" for r in plain.service.store.rows) == 1
    assert control("today", {"today": "2018-01-01"}).json["count"] < 61
    assert control("today", {"today": "soon"}).status == 400
    assert control("reset", {}).json == {"today": "2026-11-22", "count": 62}
    assert not any(r["recipient_name"] == "NEW NAME LLC" for r in plain.service.store.rows)


def test_a_row_can_be_held_back_until_a_day_to_come(plain: Replica) -> None:
    key = sorted(plain.transaction_keys())[0]
    plain.service.store.correct(key, {"last_modified_date": "2026-11-23"})
    assert key not in plain.transaction_keys()
    plain.move_today(date(2026, 11, 23))
    assert key in plain.transaction_keys()


def test_state_survives_a_restart(usaspending_replica: Start, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    first = usaspending_replica(state_file=state)
    gone, changed = sorted(first.transaction_keys())[:2]
    first.service.store.delete(gone)
    first.service.store.correct(changed, {"recipient_name": "NEW NAME LLC"})
    first.move_today(date(2026, 12, 1))
    second = usaspending_replica(state_file=state)
    assert second.service.store.today == date(2026, 12, 1)
    assert second.transaction_keys() == first.transaction_keys() and gone not in second.transaction_keys()
    assert any(r["recipient_name"] == "NEW NAME LLC" for r in second.service.store.rows)


def test_slashes_methods_and_unknown_addresses(plain: Replica) -> None:
    moved = plain.ask("POST", f"/api/v2/{TX.rstrip('/')}", BODY)
    assert (moved.status, moved.headers["Location"]) == (301, f"/api/v2/{TX}")
    wrong = plain.ask("GET", f"/api/v2/{TX}")
    assert (wrong.status, wrong.json) == (405, {"detail": 'Method "GET" not allowed.'})
    assert plain.ask("POST", "/api/v2/awards/last_updated/", {}).status == 405
    lost = plain.ask("GET", "/api/v2/nothing/here/")
    assert (lost.status, lost.json) == (404, {"detail": "Not found."})
    assert plain.ask("GET", "/api/v1/awards/").status == 410
    assert plain.ask("POST", f"/api/v2/{TX}", b"{oops").status == 400
    assert plain.ask("GET", "/generated_downloads/..%2f..%2fetc%2fpasswd").status == 403


def _outcomes(replica: Replica, requests: int) -> Counter[Any]:
    seen: Counter[Any] = Counter()
    for number in range(requests):
        try:
            answer = replica.post(TX, {**BODY, "limit": 1 + number % 100})
            seen[answer.status] += 1
        except (http.client.RemoteDisconnected, ConnectionError):
            seen["dropped"] += 1
    return seen


def test_random_faults_come_seldom_in_all_kinds_and_go_when_asked_again(usaspending_replica: Start) -> None:
    traps = "drops,html500,capacity,ratelimit,slowbody"
    replica = usaspending_replica(traps=traps, seed=3, burst=10_000)
    seen = _outcomes(replica, 400)
    assert {"dropped", 500, 503, 429} <= set(seen)
    assert seen[200] > 350
    again = usaspending_replica(traps=traps, seed=3, burst=10_000)
    assert _outcomes(again, 400) == seen  # drawn by seed
    assert {entry["trap"] for entry in replica.requests(TX)} >= {"drops", "html500", "capacity", "ratelimit"}
    throttled = next(e for e in replica.requests(TX) if e["status"] == 429)
    assert throttled["body"]["sort"] == "Award ID"


def test_a_burst_is_met_with_dropped_connections(usaspending_replica: Start) -> None:
    replica = usaspending_replica(traps="drops", burst=20, seed=1)
    with ThreadPoolExecutor(8) as pool:
        seen = sum(pool.map(lambda _: _outcomes(replica, 15), range(8)), Counter())
    assert seen["dropped"] >= 10 and seen[200] > 20


def test_twenty_four_clients_at_once_are_all_answered(plain: Replica) -> None:
    with ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(lambda n: plain.post(TX, {**BODY, "limit": 10, "page": 1 + n % 5}), range(120)))
    assert {answer.status for answer in answers} == {200}
    by_page: dict[int, set[bytes]] = {}
    for answer in answers:
        by_page.setdefault(answer.json["page_metadata"]["page"], set()).add(answer.body)
    assert all(len(bodies) == 1 for bodies in by_page.values())


def test_json_is_compressed_where_the_client_takes_it(plain: Replica) -> None:
    request = urllib.request.Request(f"{plain.base}/api/v2/references/toptier_agencies/")
    request.add_header("Accept-Encoding", "gzip")
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.read(2) == b"\x1f\x8b"


def test_last_updated_is_empty_now_and_then(usaspending_replica: Start) -> None:
    replica = usaspending_replica(traps="lastupdated")
    seen = {replica.ask("GET", "/api/v2/awards/last_updated/").json["last_updated"] for _ in range(40)}
    assert seen == {"", "11/22/2026"}


def test_trap_names() -> None:
    assert chosen("all") == frozenset(TRAPS) and chosen("none") == frozenset()
    assert chosen("ties, drops") == {"ties", "drops"}
    with pytest.raises(ValueError, match="unknown traps: ghosts"):
        chosen("ties,ghosts")


def test_the_command_line_refuses_bad_arguments(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["usaspending", "--awards", str(tmp_path)]) == 2
    assert main(["usaspending", "--awards", str(SAMPLE), "--traps", "ghosts"]) == 2
    assert "unknown traps: ghosts" in capsys.readouterr().err


def test_the_command_line_serves() -> None:
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-m", "tests.replica", "usaspending", "--awards", str(SAMPLE), "--today", "2024-06-01"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            assert found, line
            with urllib.request.urlopen(f"{found[0]}/replica/rows", timeout=10) as answer:
                assert json.load(answer)["today"] == "2024-06-01"
        finally:
            process.terminate()


@pytest.mark.shared
@pytest.mark.parametrize("recorded", ["awards_contract.json", "awards_idv.json", "awards_transactions.json"])
def test_details_have_the_recorded_keys(plain: Replica, shared: Path, recorded: str) -> None:
    real = json.loads((shared / "api" / "examples" / "usaspending" / recorded).read_text())
    if recorded == "awards_transactions.json":
        mine = plain.post("transactions/", {"award_id": _award(plain)}).json
        assert set(mine["results"][0]) == set(real["results"][0])
    else:
        idv = next(r["contract_award_unique_key"] for r in plain.service.store.rows if r["award_or_idv_flag"] == "IDV")
        key = _award(plain, "WEST PUBLISHING") if recorded == "awards_contract.json" else idv
        mine = plain.ask("GET", f"/api/v2/awards/{quote(key)}/").json
        for name in ("recipient", "awarding_agency", "period_of_performance", "place_of_performance", "psc_hierarchy"):
            assert set(mine[name]) == set(real[name]), name
        assert set(mine["latest_transaction_contract_data"]) <= set(real["latest_transaction_contract_data"])
    assert set(mine) == set(real)
