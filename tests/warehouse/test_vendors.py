from __future__ import annotations

import pytest

from entities.ids import company_id
from entities.resolution.gather import Known, add_listed
from entities.resolution.resolver import Resolution, resolve
from ordinance.families import families
from ordinance.products import products
from warehouse.vendors import excluded, maker_beside, vendor_name


@pytest.fixture(scope="module")
def who() -> Resolution:
    known = Known()
    add_listed(known, families())
    return resolve(known)


@pytest.mark.parametrize(
    ("maker", "recipient", "parent", "second"),
    [
        ("LexisNexis Risk Solutions", "CARAHSOFT TECHNOLOGY CORP", None, "LexisNexis Risk Solutions"),
        ("LexisNexis Risk Solutions", "LEXISNEXIS RISK SOLUTIONS FL INC.", None, None),
        ("ACME", "SOMEBODY LLC", "ACME HOLDINGS INC", None),
        ("ACME", "ACMEDIA LLC", None, "ACME"),
        (None, "CARAHSOFT TECHNOLOGY CORP", None, None),
    ],
)
def test_a_maker_is_a_second_vendor_unless_it_is_the_vendor(
    maker: str | None, recipient: str, parent: str | None, second: str | None, who: Resolution
) -> None:
    found = maker_beside(maker, (recipient, parent), company_id(None, None, recipient), who)
    assert (found.name if found else None) == second


def test_an_entry_for_many_makers_is_no_company(who: Resolution) -> None:
    collective = [maker for maker in products().makers if maker.name.startswith("Other ")]
    assert collective
    for maker in collective:
        assert maker_beside(maker.name, ("CARAHSOFT TECHNOLOGY CORP",), "name:CARAHSOFT TECHNOLOGY CORP", who) is None
        assert maker_beside(maker.id, ("CARAHSOFT TECHNOLOGY CORP",), "name:CARAHSOFT TECHNOLOGY CORP", who) is None


@pytest.mark.clause("§2.6")
def test_governments_persons_and_nobody_are_excluded_with_words() -> None:
    assert "§2.6" in str(excluded("government", "us_local_government", "uei:L997DB4PEJL8"))
    assert "natural person" in str(excluded("individual", "sole_proprietorship", "person:1"))
    assert "no company named" in str(excluded("company", "", "unidentified:redacted-due-to-pii"))
    assert excluded("nonprofit", "nonprofit_organization", "name:X") is None
    assert vendor_name("individual", "DOE, JANE") == "(natural person)"
