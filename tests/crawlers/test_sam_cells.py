"""Title and awardee of a notice, read back from the row or the item they were posted in."""

from __future__ import annotations

import gzip
import io
import json

from crawlers.locate import cells
from crawlers.sam import cells as sam_cells
from tests.crawlers.test_sam_files import row
from tests.replica.sam import bulk


def test_cells_of_the_list_plain_and_packed() -> None:
    body = bulk([row(), row(Title='Beds, "two" of them', Awardee="GRIMHOLD  GUARDS LLC Elm CA 94804 USA"), row()])
    wanted = {("csv:-#2", "title"), ("csv:-#2", "awardee"), ("csv:-#3", "awardee"), ("csv:-#9", "title")}
    expected = {("csv:-#2", "title"): 'Beds, "two" of them',
                ("csv:-#2", "awardee"): "GRIMHOLD GUARDS LLC Elm CA 94804 USA"}
    for payload in (body, gzip.compress(body)):
        assert cells(io.BytesIO(payload), "sam_bulk", set(wanted)) == expected


def test_cells_of_a_page() -> None:
    page = json.dumps({"opportunitiesData": [{"title": "A", "award": None}, {"title": " B\x07 ", "award": {
        "awardee": {"name": "Grimhold Guards LLC"}}}]}).encode()
    places = {(f"json:$.opportunitiesData[{n}]", column) for n in (0, 1, 7) for column in ("title", "awardee")}
    assert cells(io.BytesIO(page), "sam_opportunities", places) == {
        ("json:$.opportunitiesData[0]", "title"): "A", ("json:$.opportunitiesData[1]", "title"): "B",
        ("json:$.opportunitiesData[1]", "awardee"): "Grimhold Guards LLC"}


def test_titles_that_lost_something_are_no_words_in_place() -> None:
    assert sam_cells.plain("Beds for Elm County")
    assert not sam_cells.plain("Write to [e-mail]") and not sam_cells.plain("Call 202-555-0147")
