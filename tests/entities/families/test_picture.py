from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import given, settings
from hypothesis import strategies as st

from entities.families.picture import Box, Line, svg

SVG = "{http://www.w3.org/2000/svg}"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80), st.text(max_size=60), st.integers(0, 30))
def test_any_name_gives_a_well_formed_picture_without_live_content(name: str, label: str, children: int) -> None:
    boxes = [Box("uei:A", name, 0), Box("uei:B", name, -1), *(Box(f"uei:C{n}", name, 1) for n in range(children))]
    lines = [Line("uei:B", "uei:A", label), *(Line("uei:A", f"uei:C{n}", label) for n in range(children))]
    made = svg(name, label, boxes, lines)
    root = ET.fromstring(made.encode())
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        "svg", "title", "desc", "style", "text", "g", "rect", "path"}
    assert len(root.findall(f".//{SVG}rect")) == len(boxes)
    assert len(root.findall(f".//{SVG}path")) == 1 + children


def test_markup_in_a_name_is_text() -> None:
    made = svg("x", "y", [Box("name:<script>", '<script>alert("1")</script>&', 0)], [])
    assert "<script" not in made and "&lt;script&gt;" in made


def test_boxes_do_not_overlap() -> None:
    made = ET.fromstring(svg("x", "y", [Box(str(n), "n", n % 3) for n in range(20)], []))
    places = [(int(r.attrib["x"]), int(r.attrib["y"])) for r in made.findall(f".//{SVG}rect")]
    assert len(set(places)) == 20
    assert all(abs(a[0] - b[0]) >= 230 or abs(a[1] - b[1]) >= 62 for a in places for b in places if a != b)
