"""docs/ordinance.md tells the truth: the error it shows is the error, its files and code exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ordinance.jurisdiction import Jurisdiction, load_jurisdiction
from ordinance.loader import DATA, OrdinanceError

PAGE = (DATA.parent / "docs" / "ordinance.md").read_text(encoding="utf-8")


def test_the_error_shown_is_the_error_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (DATA / "presets" / "model.yaml").read_text(encoding="utf-8")
    for old, new in (
        ("detention: true", "detentions: true"),
        ("mode: all", "mode: listed\n  ids: ice"),
        ("review_request: {days: 30, unit: calendar_days}", "review_request: {days: 30, unit: workdays}"),
    ):
        assert old in text
        text = text.replace(old, new)
    file = tmp_path / "our-city.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(OrdinanceError) as caught:
        load_jurisdiction(file)
    assert str(caught.value).replace(str(file), "our-city.yaml") in PAGE


def test_files_named_exist_and_every_field_of_a_citys_file_is_explained() -> None:
    named = re.findall(r"`([a-z_]+\.yaml)`", PAGE.split("## Your city's file")[0])
    assert {"agencies.yaml", "weights.yaml", "deadlines.yaml", "evidence.yaml", "definitions.yaml"} <= set(named)
    own = {"agencies.yaml", "weights.yaml", "deadlines.yaml", "evidence.yaml", "definitions.yaml"}
    assert all((DATA / name).is_file() for name in own)
    unexplained = {"id", "name", "kind", "state", "enactment", "construed_broadly", "investments", "notes"}
    assert all(f"`{field}`" in PAGE for field in Jurisdiction.model_fields.keys() - unexplained)


def test_the_code_shown_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = PAGE.rsplit("```python\n", 1)[1].split("```")[0]
    (tmp_path / "colours.yaml").write_text("colours: [red]\n")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(compile(code, "docs/ordinance.md", "exec"), names)
    assert names["colours"].colours == ("red",)  # type: ignore[attr-defined]
    match_award = names["match_award"]
    found = match_award("4732", "Federal Acquisition Service", None, "7012", None, None)  # type: ignore[operator]
    assert (found.id, found.role, found.certain) == ("ice", "funding", True)
