"""What a notice's words say: requests for information, procurements, single values, texts without persons."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from crawlers.sam import values
from crawlers.sam.columns import notice_type
from crawlers.sam.mapped import Edit, decode, joined, whole
from crawlers.sam.procurement import procurement_key, solicitation_key
from crawlers.sam.rfi import request_words
from crawlers.sam.texts import readable, without_contacts


@pytest.mark.clause("§3.3.b")
@pytest.mark.parametrize(("kind", "title", "number", "text", "words"), [
    ("sources_sought", "All-Terrain Vehicles (ATVs) - RFI", None, "", "RFI"),
    ("sources_sought", "Horse Boarding", None, "This is a Request for Information (RFI) only.",
     "This is a Request for Information (RFI)"),
    ("sources_sought", "Centrifuges", None, "This is not a solicitation but rather a Request for Information",
     "but rather a Request for Information"),
    ("special_notice", "Industry Event", None, "This announcement constitutes a Request for Information (RFI) notice",
     "This announcement constitutes a Request for Information (RFI)"),
    ("combined", "DNA Warehousing", None, "Type of Action: Request for Information. This is a Request for Information",
     "This is a Request for Information"),
    ("presolicitation", "Request for Information for Image Provider", None, None, "Request for Information"),
    ("sources_sought", "Video training", "RFI_LGDS_2026", "See attachment.", "RFI_LGDS_2026"),
    ("sources_sought", "Migrant Case Management System", None, "NOTE: THIS IS A REQUEST FOR INFORMATION (RFI) ONLY",
     "THIS IS A REQUEST FOR INFORMATION (RFI)"),
])
def test_a_request_for_information_is_known_by_its_words(kind: str, title: str, number: str | None, text: str | None,
                                                         words: str) -> None:
    assert request_words(kind, title, number, text) == words


@pytest.mark.parametrize(("kind", "title", "text"), [
    ("solicitation", "Dredging", "Updated on 17 April 2026 to provide response to RFI."),
    ("solicitation", "Barracks", "The purpose of this amendment is to upload RFIs Questions and Answers (BATCH# 2)"),
    ("solicitation", "Bezel", "returned to a Ready for Issue (RFI) condition"),
    ("combined", "Fence", "Amendment 0003- Add the RFI responses"),
    ("combined", "Bear boxes", "All Requests for Information must be submitted to the contracting officer"),
    ("presolicitation", "Transformer vault", "Requests for Information (RFIs) are due Tuesday"),
    ("presolicitation", "Laser marking", "Telephone requests for information or questions will NOT be accepted."),
    ("special_notice", "Forecast", "The command plans to issue Requests for Information (RFIs) next year"),
    ("special_notice", "Coding", "an update concerning the previously posted Request for Information 36C10B26Q0028"),
    ("sources_sought", "Ballscrew", "It does not constitute a solicitation (Request for Information or for Quote)"),
    ("sources_sought", "Passive RFID tags", "warfighter, airfield, garfield, landfill"),
    ("award", "RFI award", "This is a Request for Information"),
])
def test_bidders_questions_and_look_alikes_are_none(kind: str, title: str, text: str) -> None:
    assert request_words(kind, title, None, text) is None


@pytest.mark.parametrize(("one", "other"), [
    ("70B01C25R00000220", "70B01C25R00000220_2"),
    ("36C26026R0023", "36C26026R0023-0002"),
    ("SPRDL1-26-Q-0024-0003", "SPRDL126Q0024"),
    ("W911SD-26-Q-A028", "w911sd26qa028 "),
    ("HQ003425BOTA1", "HQ003425BOTA1_Amd_1_CFA1"),
    ("NOI-70CDCR26R00000014", "70CDCR26R00000014"),
    ("ICE_TELERADIOLOGY_SERVICES", "ICE TELERADIOLOGY SERVICES AMENDMENT 2"),
])
def test_spellings_of_one_solicitation_number_agree(one: str, other: str) -> None:
    assert solicitation_key(one) == solicitation_key(other) is not None


@pytest.mark.parametrize(("one", "other"), [
    ("FA8051-24-S-0001", "FA8051-24-S-0002"), ("CSOP-BP-GS-26-0001", "CSOP-BP-GS-26-0002"),
    ("70Z036-P2600-00019", "70Z036-P2600-00020"), ("20155206", "20155238"),
])
def test_numbers_that_end_like_an_amendment_stay_apart(one: str, other: str) -> None:
    assert solicitation_key(one) != solicitation_key(other)


def test_a_number_that_names_nothing_needs_the_title() -> None:
    assert solicitation_key("VARIOUS") is None
    assert solicitation_key("541512", "541512") is None
    first = procurement_key("a" * 32, "VARIOUS", "JUSTICE, DEPARTMENT OF", title="Meat")
    assert first == procurement_key("b" * 32, "various", None, "015", title="MEAT")
    assert first != procurement_key("b" * 32, "VARIOUS", "JUSTICE, DEPARTMENT OF", title="Produce")
    assert procurement_key("a" * 32, None, "JUSTICE, DEPARTMENT OF", title="Meat") == f"notice:{'a' * 32}"


def test_types_are_kept_apart() -> None:
    posted = ["Sources Sought", "Special Notice", "Presolicitation", "Solicitation", "Combined Synopsis/Solicitation",
              "Justification", "Award Notice", "Sale of Surplus Property", "Intent to Bundle Requirements (DoD-Funded)"]
    assert len({notice_type(one) for one in posted}) == len(posted)
    assert "other" not in {notice_type(one) for one in posted}
    assert notice_type("Something New") == "other"


def test_moments_in_every_recorded_form() -> None:
    assert values.moment("2026-04-24 23:24:04.649-04") == datetime(2026, 4, 25, 3, 24, 4, 649000, UTC)
    assert values.moment("2026-04-24 23:24:04-04") == datetime(2026, 4, 25, 3, 24, 4, tzinfo=UTC)
    assert values.moment("2026-05-15T13:00:00-04:00", due=True) == datetime(2026, 5, 15, 17, tzinfo=UTC)
    assert values.moment("2026-05-15", due=True) == datetime(2026, 5, 16, 3, 59, 59, tzinfo=UTC)
    assert values.moment("2026-01-15T13:00:00") == datetime(2026, 1, 15, 18, tzinfo=UTC)
    assert values.lacks_zone("2026-01-15T13:00:00")
    assert not values.lacks_zone("2026-05-15T13:00:00+02:00")
    assert not values.lacks_zone("2026-05-15")
    for bad in ("soon", "0001-01-01 00:00:00", "2026-13-45"):
        with pytest.raises(ValueError, match=r".+"):
            values.moment(bad)


def test_amounts_and_days() -> None:
    assert values.amount("$1,234.5") == Decimal("1234.50")
    assert values.amount("2091499500.00") == Decimal("2091499500.00")
    assert values.day("2026-04-24") == values.day("04/24/2026") == date(2026, 4, 24)
    for bad in ("1e40", "NaN", "much"):
        with pytest.raises(ValueError, match=r".+"):
            values.amount(bad)


def test_runs_stay_true_through_edits_in_both_codings() -> None:
    for raw in ("Küche – “eins”, zwei & drei".encode(), "Küche – “eins”, zwei & drei".encode("cp1252")):
        text, _ = decode(raw)
        kept = joined([(raw, 100)]).edited([Edit(6, 7, "-"), Edit(10, 14, "ONE"), Edit(0, 1, "")])
        assert kept.text == text[1:6] + "-" + text[7:10] + "ONE" + text[14:]
        for run in kept.runs:
            assert decode(raw[run.byte_start - 100 : run.byte_end - 100])[0] == kept.text[run.start : run.end]
        assert sum(run.end - run.start for run in kept.runs) == len(kept.text) - 4


def test_persons_are_taken_out_of_texts() -> None:
    text = ("Submit to Jane Q. Doe (jane.doe@ice.dhs.gov), phone 202-555-0188 or (202) 555-0199, by 5/1/2026. "
            "DOE, JANE signs. NAICS 541512, CAGE 0WY76, part 3090-199-016. Doe Networks is a firm.")
    kept = readable(whole(text, 0), ["Jane Doe"]).text
    assert "jane.doe" not in kept
    assert "555" not in kept
    assert "Jane" not in kept
    assert "DOE, JANE" not in kept
    assert "[name] ([e-mail]), phone [phone] or [phone]" in kept
    assert "3090-199-016" in kept
    assert "Doe Networks" in kept
    assert without_contacts("RFQ for Jane Doe", ["Jane Doe"]) == "RFQ for [name]"


def test_markup_is_undone_and_places_stay() -> None:
    raw = b"<p>Detention &amp; transport</p><p>R&#233;sum&eacute; <b>bold</b></p>"
    kept = readable(joined([(raw, 0)]))
    assert kept.text == "Detention & transport\n\nRésumé bold"
    for run in kept.runs:
        assert raw[run.byte_start : run.byte_end].decode() == kept.text[run.start : run.end]
