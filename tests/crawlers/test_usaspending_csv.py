"""Official CSV files: every layout, every column, and each kind of bad input with its clear error or treatment."""

from __future__ import annotations

import csv
import gzip
import io
import random
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawlers import parsing
from crawlers.parsing import Limits
from crawlers.usaspending import csvfile, keys
from crawlers.usaspending.layouts import columns, official_header, recognise, unknown_columns
from tests.crawlers.official import ASSISTANCE, CONTRACT, context, csv_text, read, zipped

HEADERS = ["contract_transaction", "assistance_transaction", "contract_summary", "assistance_summary",
           "subaward_contract", "subaward_assistance", "contract_2018"]


def kinds(found: parsing.ParseContext) -> dict[tuple[str, str | None], parsing.Problem]:
    return {(p.kind, p.column): p for p in found.problems}


@pytest.mark.parametrize("name", HEADERS)
def test_every_official_column_is_read_or_ignored_by_name(name: str) -> None:
    header = official_header(name)
    layout = recognise(header, name)
    assert layout.name == name
    assert unknown_columns(layout, header) == []


def test_no_column_is_both_read_and_ignored_and_no_personal_one_is_read() -> None:
    known = columns()
    mapped = {n for layout in known.layouts.values() for names in layout.columns.values() for n in names}
    assert not (mapped | set(known.flags)) & known.ignored - {"award_id_piid"}
    assert not [n for n in mapped if "officer" in n or "phone" in n or "fax" in n or "address" in n]


@pytest.mark.clause("§3.3.b")
def test_a_contract_row_is_read_as_filed() -> None:
    flags = {"for_profit_organization": "t", "us_local_government": "f", "tribally_owned_firm": "t"}
    rows, found = read(csv_text([CONTRACT | flags | {"transaction_description": '  ORDER "CLEAR" \r\nLINE 2'}]))
    row = rows[0]
    assert row["description"] == '  ORDER "CLEAR" \r\nLINE 2', "evidence text is never trimmed or changed"
    assert (row["obligation"], row["action_date"]) == (Decimal("1000.50"), date(2024, 5, 6))
    assert (row["key_origin"], row["award_kind"], row["deleted"]) == ("filed", "contract", False)
    assert row["business_flags"] == ["for_profit_organization", "tribally_owned_firm"]
    assert row["locator"] == "csv:-#1" and len(row["fact_sha256"]) == 64
    assert found.problems == []


def test_an_assistance_row_is_read_with_its_business_types() -> None:
    rows, _ = read(csv_text([ASSISTANCE], layout="assistance_transaction"))
    assert rows[0]["award_kind"] == "assistance" and rows[0]["piid"] == "90ZU0001"
    assert rows[0]["business_flags"] == ["for_profit_organization", "nonprofit_organization"]


def test_column_order_does_not_matter() -> None:
    header = list(official_header("contract_transaction"))
    random.Random(4).shuffle(header)
    straight, _ = read(csv_text([CONTRACT]))
    shuffled, _ = read(csv_text([CONTRACT], header))
    assert straight == shuffled


def test_zip_of_several_members_names_rows_by_member_and_reports_the_readme() -> None:
    body = zipped({"C_1.csv": csv_text([CONTRACT]), "A_1.csv": csv_text([ASSISTANCE], layout="assistance_transaction"),
                   "readme.txt": "about"})
    rows, found = read(body)
    assert [r["locator"] for r in rows] == ["csv:C_1.csv#1", "csv:A_1.csv#1"]
    assert [p.where for p in found.problems if p.kind == "member_ignored"] == ["readme.txt"]


def test_header_without_rows_is_no_fault() -> None:
    assert read(zipped({"a.csv": csv_text([])}))[0] == []


def test_gzip_is_unpacked() -> None:
    assert len(read(gzip.compress(csv_text([CONTRACT]).encode()))[0]) == 1


# Bad input, one by one (issue 2).

def test_truncated_zip_is_named() -> None:
    body = zipped({"a.csv": csv_text([CONTRACT] * 50)})
    with pytest.raises(parsing.TruncatedFileError, match=r"no readable directory.*Download the file again"):
        read(body[:-60])


def test_zip_with_damaged_member_is_named() -> None:
    body = bytearray(zipped({"a.csv": csv_text([CONTRACT | {"recipient_name": str(n)} for n in range(500)])}))
    body[len(body) // 2] ^= 0xFF
    with pytest.raises(parsing.ParseError, match=r"zip member 'a\.csv'"):
        read(bytes(body))


def test_truncated_gzip_is_named() -> None:
    with pytest.raises(parsing.TruncatedFileError, match="cut off"):
        read(gzip.compress(csv_text([CONTRACT] * 50).encode())[:-30])


@pytest.mark.parametrize("limits", [Limits(unpacked_bytes=1 << 20), Limits(ratio=20, ratio_floor=1 << 20)])
@pytest.mark.parametrize("pack", ["zip", "gzip"])
def test_bomb_is_stopped_while_unpacking(limits: Limits, pack: str, tmp_path: Path) -> None:
    huge = csv_text([]) + "x" * (64 << 20)
    body = zipped({"a.csv": huge}) if pack == "zip" else gzip.compress(huge.encode())
    with pytest.raises(parsing.BombError, match="unpacks to more than"):
        read(body, context(tmp_path, limits=limits))
    assert list(tmp_path.iterdir()) == [], "nothing is left on the disk"


@pytest.mark.parametrize("name", ["/etc/a.csv", "../a.csv", "x/a.csv", "C:\\a.csv", "inner.zip"])
def test_unsafe_member_names_are_refused(name: str) -> None:
    with pytest.raises(parsing.UnsafeArchiveError, match="zip member"):
        read(zipped({name: csv_text([CONTRACT])}))


def test_encrypted_member_is_refused() -> None:
    body = bytearray(zipped({"a.csv": csv_text([CONTRACT])}))
    body[6] |= 1
    body[body.rfind(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(parsing.EncryptedArchiveError, match="needs a password"):
        read(bytes(body))


@pytest.mark.parametrize("body", ["<!DOCTYPE html><html>Service Unavailable</html>", "\n <html>", '{"detail":"no"}'])
def test_page_instead_of_data_is_named(body: str) -> None:
    with pytest.raises(parsing.NotDataError, match=r"is a web page|is JSON"):
        read(body)
    with pytest.raises(parsing.NotDataError, match=r"a\.csv"):
        read(zipped({"a.csv": body}))


def test_windows_1252_is_read_and_reported() -> None:
    text = csv_text([CONTRACT | {"recipient_name": "PEÑA “GUARDS” COMPANY"}])
    rows, found = read(text.encode("cp1252"))
    assert rows[0]["recipient"] == "PEÑA “GUARDS” COMPANY"
    assert kinds(found)["encoding", None].count == 3


def test_utf8_is_left_alone_where_one_byte_is_foreign() -> None:
    text = csv_text([CONTRACT | {"recipient_name": "PEÑA", "transaction_description": "@@"}]).encode()
    rows, _ = read(text.replace(b"@@", b"caf\xe9"))
    assert (rows[0]["recipient"], rows[0]["description"]) == ("PEÑA", "café")


@pytest.mark.parametrize(("body", "said"), [
    (b"\xff\xfe" + "a,b\n".encode("utf-16-le"), "UTF-16"), (csv_text([CONTRACT]).encode() + b"\x00" * 9, "NUL"),
    (csv_text([CONTRACT]).encode() + b"\x81\x8d", "neither UTF-8 nor Windows-1252"),
])
def test_other_encodings_are_refused(body: bytes, said: str) -> None:
    with pytest.raises(parsing.BadEncodingError, match=said):
        read(body)


def test_byte_order_mark_is_no_part_of_the_header() -> None:
    assert len(read(b"\xef\xbb\xbf" + csv_text([CONTRACT]).encode())[0]) == 1


def test_mojibake_from_upstream_is_kept_and_flagged() -> None:
    rows, found = read(csv_text([CONTRACT | {"transaction_description": "CRCÃ¢Â‚¬Â„¢S"}]))
    assert rows[0]["description"] == "CRCÃ¢Â‚¬Â„¢S"
    assert kinds(found)["mojibake", "description"].rows == (1,)


def test_unknown_column_is_reported_and_read_over() -> None:
    header = [*official_header("contract_transaction"), "brand_new_column"]
    rows, found = read(csv_text([CONTRACT | {"brand_new_column": "x"}], header))
    assert len(rows) == 1
    assert kinds(found)["unknown_column", "brand_new_column"].severity == "warning"


@pytest.mark.parametrize("column", ["federal_action_obligation", "contract_transaction_unique_key", "recipient_name"])
def test_missing_mandatory_column_stops_the_file(column: str) -> None:
    header = [name for name in official_header("contract_transaction") if name != column]
    with pytest.raises(parsing.MissingColumnError, match=rf"C_1\.csv: {column} missing"):
        read(zipped({"C_1.csv": csv_text([CONTRACT], header)}))


def test_foreign_header_and_empty_file_are_named() -> None:
    with pytest.raises(parsing.UnknownLayoutError, match="no official USAspending layout has this header: a, b"):
        read("a,b\n1,2\n")
    with pytest.raises(parsing.UnknownLayoutError, match="is empty"):
        read("")
    with pytest.raises(parsing.BadCsvError, match="more than once"):
        read(csv_text([CONTRACT], [*official_header("contract_transaction"), "award_id_piid"]))


def test_negative_amounts_are_kept_absurd_ones_reported() -> None:
    amounts = ["-250.10", "1000000000001", "9" * 30, "12 dollars", "1.5e3", "-1e15", "nan", "0", ""]
    rows, found = read(csv_text([CONTRACT | {"federal_action_obligation": a} for a in amounts]))
    assert [r["obligation"] for r in rows] == [Decimal("-250.10"), None, None, None, Decimal("1500.00"), None, None,
                                               Decimal("0.00"), None]
    assert kinds(found)["absurd", "obligation"].rows == (2, 3, 6, 7)
    assert kinds(found)["amount", "obligation"].rows == (4,)


def test_impossible_dates_are_reported_and_left_empty() -> None:
    days = ["2206-01-01", "1899-12-31", "2024-13-01", "2026-11-23", "2024-05-06 00:00:00+00", ""]
    rows, found = read(csv_text([CONTRACT | {"action_date": d, "period_of_performance_current_end_date": "2031-01-01"}
                                 for d in days]))
    assert [r["action_date"] for r in rows] == [None, None, None, date(2026, 11, 23), date(2024, 5, 6), None]
    assert kinds(found)["day", "action_date"].rows == (1, 2)
    assert kinds(found)["date", "action_date"].rows == (3,)
    assert {r["period_end"] for r in rows} == {date(2031, 1, 1)}, "a period may lie ahead"


@pytest.mark.parametrize(("texts", "wanted"), [
    (["12/22/17", "5/10/2023"], [date(2017, 12, 22), date(2023, 5, 10)]),
    (["22/12/17 00:00", "05/10/23"], [date(2017, 12, 22), date(2023, 10, 5)]),
])
def test_slashed_dates_follow_the_files_own_order(texts: list[str], wanted: list[date]) -> None:
    rows, found = read(csv_text([CONTRACT | {"action_date": t} for t in texts]))
    assert [r["action_date"] for r in rows] == wanted
    assert found.problems == []


def test_slashed_dates_of_unknown_order_are_reported() -> None:
    _, found = read(csv_text([CONTRACT | {"action_date": "05/06/2024"}]))
    assert kinds(found)["date_order", None].count == 1


@pytest.mark.parametrize("tail", ['"unclosed,1,2', "a,b,c\r\n", ",".join(["x"] * 300) + "\r\n"])
def test_rows_that_do_not_fit_stop_the_file(tail: str) -> None:
    with pytest.raises(parsing.BadCsvError, match="rows cannot be read"):
        read(csv_text([CONTRACT] * 3) + tail)


@pytest.mark.parametrize("layout", ["contract_transaction", "assistance_transaction", "subaward_contract"])
def test_header_cut_off_anywhere_is_named(layout: str) -> None:
    whole = csv_text([], layout=layout).removesuffix("\r\n")
    for text in (whole, whole[:-3], whole[:-1], whole[: len(whole) // 2], whole.rpartition(",")[0] + ',"last_mod'):
        with pytest.raises(parsing.TruncatedFileError, match="ends inside its header"):
            read(text)


def test_file_cut_off_in_its_last_row_is_refused_or_reported_never_silently_short() -> None:
    whole = csv_text([CONTRACT, CONTRACT | {"transaction_description": 'GUARDS, "ARMED"\nAND NOT'}])
    first = len(csv_text([CONTRACT]))
    outcomes: dict[str, int] = {}
    for end in range(first, len(whole) - 1, 3):
        try:
            rows, found = read(whole[:end])
        except parsing.ParseError as problem:
            outcomes[type(problem).__name__] = outcomes.get(type(problem).__name__, 0) + 1
            continue
        if end > first:
            assert len(rows) == 2 and "last_row" in {p.kind for p in found.problems}, whole[end - 30 : end]
            outcomes["reported"] = outcomes.get("reported", 0) + 1
    assert outcomes["BadCsvError"] > 100 and outcomes["TruncatedFileError"] >= 2 and outcomes["reported"] <= 2


def test_last_row_without_line_break_is_read_and_said() -> None:
    rows, found = read(csv_text([CONTRACT]).removesuffix("\r\n"))
    assert len(rows) == 1 and [(p.kind, p.severity) for p in found.problems] == [("last_row", "note")]
    header = [*(n for n in official_header("contract_transaction") if n != "transaction_description"),
              "transaction_description"]
    rows, found = read(csv_text([CONTRACT], header).removesuffix("\r\n"))
    assert len(rows) == 1 and [(p.kind, p.severity) for p in found.problems] == [("last_row", "warning")]


def test_row_without_key_is_left_out_and_an_error() -> None:
    rows, found = read(csv_text([CONTRACT, CONTRACT | {"contract_transaction_unique_key": ""}]))
    assert len(rows) == 1
    problem = kinds(found)["no_key", "award_key"]
    assert (problem.severity, problem.rows) == ("error", (2,))


def test_deletion_record_keeps_its_keys() -> None:
    header = ["correction_delete_ind", "agency_id", *official_header("contract_transaction")]
    only = {"correction_delete_ind": "D", "last_modified_date": "2026-09-01"}
    name = "contract_transaction_unique_key"
    deleted = [only | {name: CONTRACT[name]}, only | {name: "7012_-NONE-_70X_P01_-NONE-_-NONE-"}]
    rows, _ = read(csv_text(deleted, header), context(keep=frozenset({"7012"})))
    assert [r["award_key"] for r in rows] == [CONTRACT["contract_award_unique_key"], "CONT_IDV_70X_7012"]
    assert {(r["deleted"], r["awarding_subtier_code"]) for r in rows} == {(True, "7012")}


def test_rows_of_other_agencies_are_left_out_and_counted() -> None:
    other = CONTRACT | {"awarding_sub_agency_code": "7022", "funding_sub_agency_code": "7022"}
    funded = other | {"funding_sub_agency_code": "7012"}
    rows, found = read(csv_text([other, CONTRACT, funded]), context(keep=frozenset({"7012"})))
    assert [r["locator"] for r in rows] == ["csv:-#2", "csv:-#3"], "rows keep their numbers in the file"
    assert (found.left_out, found.read["transaction"]) == (1, 3)


def test_exact_duplicates_share_their_fact_hash_others_do_not() -> None:
    rows, _ = read(csv_text([CONTRACT, CONTRACT, CONTRACT | {"modification_number": "P00001"}]))
    assert rows[0]["fact_sha256"] == rows[1]["fact_sha256"] != rows[2]["fact_sha256"]


@pytest.mark.parametrize(("award", "mod"), [
    ("CONT_AWD_70CDCR24P1_7012_-NONE-_-NONE-", "0"), ("CONT_AWD_P_7014_GS_4730", "P00002"), ("CONT_IDV_70X_7012", "0"),
    ("garbage", "0"), ("CONT_AWD_A_B_7012_-NONE-_-NONE-", None),
])
def test_keys_in_sql_are_the_keys_in_python(award: str, mod: str | None) -> None:
    import duckdb

    sql = keys.sql_transaction_key("$a", "$m")
    with duckdb.connect() as con:
        found = con.execute(f"SELECT {sql.replace('$a', 'a').replace('$m', 'm')} FROM (SELECT ? AS a, ?::VARCHAR AS m)",
                            [award, mod]).fetchall()
    assert found[0][0] == keys.transaction_key(award, mod)


def test_a_search_row_gets_the_bulk_files_key() -> None:
    assert keys.transaction_key(CONTRACT["contract_award_unique_key"], "0") == (
        CONTRACT["contract_transaction_unique_key"])
    assert keys.transaction_key("ASST_NON_90ZU0001_7590", "0", "93.676") == (
        ASSISTANCE["assistance_transaction_unique_key"])


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(TEXT, min_size=1, max_size=8))
def test_any_text_survives_the_way_into_the_lake(texts: list[str]) -> None:
    rows, _ = read(csv_text([CONTRACT | {"transaction_description": t} for t in texts]))
    assert [r["description"] or "" for r in rows] == texts


def test_order_and_numbers_hold_across_buffers_with_quoted_line_breaks(tmp_path: Path) -> None:
    """Several buffers, line breaks inside quotes throughout: DuckDB's parallel reader must keep its order."""
    path, draw = tmp_path / "big.csv", random.Random(3)
    header = official_header("contract_transaction")
    long = "\r\n".join(['a "quoted", line'] * 60)
    wanted: list[str] = []
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(header)
        for number in range(60_000):
            text = f"{number} {long[: draw.randrange(0, 1000)]}"
            wanted.append(text)
            row: dict[str, Any] = CONTRACT | {"transaction_description": text}
            out.writerow([row.get(name, "") for name in header])
    assert path.stat().st_size > 48 << 20
    at = 0
    with path.open("rb") as payload:
        for _, batch in csvfile.parse(payload, context(tmp_path)):
            texts, places = batch.column("description").to_pylist(), batch.column("locator").to_pylist()
            assert texts == wanted[at : at + len(texts)]
            assert places == [f"csv:-#{n}" for n in range(at + 1, at + 1 + len(texts))]
            at += len(texts)
    assert at == len(wanted)


def test_payload_that_cannot_seek_is_read(tmp_path: Path) -> None:
    class Stream(io.BytesIO):
        def seekable(self) -> bool:
            return False

    body = zipped({"a.csv": csv_text([CONTRACT])})
    rows = [r for _, b in csvfile.parse(Stream(body), context(tmp_path)) for r in b.to_pylist()]
    assert len(rows) == 1 and list(tmp_path.iterdir()) == []


def test_messages_name_no_path_of_this_machine(tmp_path: Path) -> None:
    with pytest.raises(parsing.BadCsvError) as caught:
        read(csv_text([CONTRACT]) + "a,b\r\n", context(tmp_path))
    assert str(tmp_path) not in str(caught.value)


def test_member_count_is_limited() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(30):
            archive.writestr(f"{number}.csv", csv_text([]))
    with pytest.raises(parsing.BombError, match="30 members"):
        read(out.getvalue(), limits=Limits(members=20))
