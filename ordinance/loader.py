"""Reads the law's data files (YAML) into validated, frozen Pydantic models.

Belongs here: turning a YAML file into a model, and every fault in it into one error that names file, line,
field and what to do. Does not belong here: any model's own fields or any rule of law.

A city's clerk edits these files, so the errors are the user interface: all faults of a file at once, in the
order of their lines, in plain words.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

DATA: Final = Path(__file__).resolve().parent
_DATA_SUFFIXES: Final = frozenset({".yaml", ".yml", ".csv", ".json", ".jsonl", ".txt"})
_LARGEST_BYTES: Final = 4_000_000
_DEEPEST: Final = 100
# libyaml's parser where PyYAML was built with it: several times faster, and these files are read by every process.
_Loader: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Step = str | int
Trail = tuple[Step, ...]


class Data(BaseModel):
    """Base of every model of ordinance data: no unknown field, no change after loading, use tuples for lists."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, validate_default=True)


M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, order=True)
class Fault:
    """One fault of a data file: its line (1-based), the path of the field, and a sentence that says what to do."""

    line: int
    field: str
    sentence: str


class OrdinanceError(ValueError):
    """A data file cannot be used; the message lists every fault with file, line, field and what to do."""

    def __init__(self, file: str, faults: list[Fault]) -> None:
        self.file = file
        first: dict[tuple[int, str], Fault] = {}  # a value that cannot be read is no second fault of its field
        for fault in faults:
            first.setdefault((fault.line, fault.field), fault)
        self.faults = tuple(sorted(first.values()))
        count = "1 fault" if len(self.faults) == 1 else f"{len(self.faults)} faults"
        lines = [f"{file}: {count}"]
        lines += [f"  {file}:{f.line}: {f.field + ': ' if f.field else ''}{f.sentence}" for f in self.faults]
        super().__init__("\n".join(lines))


def load_yaml(path: str | Path, model: type[M]) -> M:
    """The file as a validated ``model``; cached until the file changes, so the model must not be altered.

    Raises OrdinanceError listing every fault: no such file, bad YAML, duplicate or unknown keys, wrong or
    missing values. Unknown keys are refused in nested models too, whatever their own configuration says.
    """
    file = Path(path).resolve()
    try:
        stat = file.stat()
    except OSError as problem:
        raise OrdinanceError(label(file), [Fault(1, "", f"cannot be read ({problem.strerror}). "
                                                 "Check the name, or restore the file from the project.")]) from None
    return _load(file, stat.st_mtime_ns, stat.st_size, model)  # type: ignore[return-value]


def data_hash(*patterns: str) -> str:
    """SHA-256 (hex) over the names and bytes of the ordinance's data files: same law, same hash.

    ``patterns`` restrict it to files under ``ordinance/`` (globs such as ``services.yaml``); a reader's version
    uses the files it reads, so that editing a city's deadlines does not ask for every award to be read again.
    Raises ValueError when a pattern matches no file.
    """
    digest = hashlib.sha256()
    for file in _data_files(patterns):
        body = file.read_bytes()
        digest.update(f"{file.relative_to(DATA).as_posix()}\0{len(body)}\0".encode())
        digest.update(body)
    return digest.hexdigest()


def label(file: Path) -> str:
    """A file's name for messages: from ``ordinance/`` on when it is ours, else as given."""
    return file.relative_to(DATA.parent).as_posix() if file.is_relative_to(DATA) else str(file)


def _data_files(patterns: tuple[str, ...]) -> list[Path]:
    found: set[Path] = set()
    for pattern in patterns or ("**/*",):
        matched = {p for p in DATA.glob(pattern) if p.is_file() and p.suffix in _DATA_SUFFIXES}
        if not matched:
            raise ValueError(f"no data file under ordinance/ matches '{pattern}'")
        found |= matched
    return sorted(found)


@lru_cache(maxsize=256)
def _load(file: Path, mtime: int, size: int, model: type[BaseModel]) -> BaseModel:
    name = label(file)
    reader = _Reader()
    data = reader.read(file, name, size)
    try:
        value = model.model_validate(data, extra="forbid")
    except ValidationError as problem:
        known = _field_names(model)
        reader.faults += [_fault(error, reader.lines, known) for error in problem.errors(include_url=False)]
        raise OrdinanceError(name, reader.faults) from None
    if reader.faults:
        raise OrdinanceError(name, reader.faults)
    return value


@dataclass
class _Reader:
    """Composes YAML to nodes, so that every value keeps its line, and constructs plain values from them."""

    faults: list[Fault] = field(default_factory=list)
    lines: dict[Trail, int] = field(default_factory=dict)

    def read(self, file: Path, name: str, size: int) -> object:
        if size > _LARGEST_BYTES:
            raise OrdinanceError(name, [Fault(1, "", f"is larger than {_LARGEST_BYTES:,} bytes; split it.")])
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError as problem:
            line = file.read_bytes()[: problem.start].count(b"\n") + 1
            raise OrdinanceError(name, [Fault(line, "", "is not UTF-8 text here; save the file as UTF-8.")]) from None
        loader = _Loader(text)
        try:
            self._refuse(text, name)
            node = loader.get_single_node()
            if node is None:
                raise OrdinanceError(name, [Fault(1, "", "is empty; restore it from the project.")])
            return self._value(loader, node, ())
        except yaml.YAMLError as problem:
            raise OrdinanceError(name, [_syntax_fault(problem)]) from None
        finally:
            loader.dispose()

    def _refuse(self, text: str, name: str) -> None:
        """Anchors and aliases would give one value many lines, and can be made to grow without end; libyaml composes
        nested values by recursion that nothing bounds."""
        faults: list[Fault] = []
        depth = 0
        for event in yaml.parse(text, Loader=_Loader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                deep = Fault(_line(event.start_mark), "", "is nested too deeply; write it flatter.")
                raise OrdinanceError(name, [deep])
            if isinstance(event, yaml.NodeEvent) and event.anchor is not None:
                faults.append(Fault(_line(event.start_mark), "",
                                    f"uses the YAML reference '{event.anchor}'; write the value out."))
        if faults:
            raise OrdinanceError(name, faults)

    def _value(self, loader: Any, node: yaml.Node, trail: Trail) -> object:
        self.lines.setdefault(trail, node.start_mark.line + 1)
        if isinstance(node, yaml.CollectionNode) and not node.tag.endswith((":map", ":seq")):
            self.faults.append(Fault(_line(node.start_mark), dotted(trail), f"has the tag '{node.tag}'; remove it."))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(loader, node, trail)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(loader, item, (*trail, i)) for i, item in enumerate(node.value)]
        try:
            return loader.construct_object(node)
        except ValueError as problem:  # a date such as 2019-02-30
            self.faults.append(Fault(node.start_mark.line + 1, dotted(trail), f"cannot be read: {problem}."))
            return None

    def _mapping(self, loader: Any, node: yaml.MappingNode, trail: Trail) -> dict[str, object]:
        made: dict[str, object] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            key = loader.construct_object(key_node) if isinstance(key_node, yaml.ScalarNode) else None
            if not isinstance(key, str):
                shown = getattr(key_node, "value", "?")
                self.faults.append(Fault(line, dotted(trail), f"the key {shown!r} is not read as text; put it in "
                                         "quotes."))
                key = str(shown)
            place = (*trail, key)
            if key in made:
                self.faults.append(Fault(line, dotted(place), f"stands twice (first in line {self.lines[place]}); "
                                         "keep one."))
                continue
            self.lines[place] = line
            made[key] = self._value(loader, value_node, place)
        return made


def _line(mark: Any) -> int:
    return int(mark.line) + 1 if mark is not None else 1


def dotted(trail: Trail) -> str:
    """A field's path for people: ``agencies[3].aliases[0]``."""
    text = ""
    for step in trail:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text


def _syntax_fault(problem: yaml.YAMLError) -> Fault:
    mark = getattr(problem, "problem_mark", None) or getattr(problem, "context_mark", None)
    what = getattr(problem, "problem", None) or str(problem).splitlines()[0]
    advice = "Check indentation (spaces, never tabs), the colon after each name, and quotes."
    return Fault(_line(mark), "", f"is not valid YAML here or just above: {what}. {advice}")


def _fault(error: ErrorDetails, lines: dict[Trail, int], known: frozenset[str]) -> Fault:
    trail: list[Step] = []
    for step in error["loc"]:  # steps that name a union's branch are not in the file
        if (*trail, step) in lines or error["type"] == "missing":
            trail.append(step)
    place = tuple(trail)
    line = next((lines[place[:n]] for n in range(len(place), -1, -1) if place[:n] in lines), 1)
    return Fault(line, dotted(place), _sentence(error, known))


def _sentence(error: ErrorDetails, known: frozenset[str]) -> str:
    kind, given, context = error["type"], error.get("input"), error.get("ctx", {})
    shown = f" (found {_short(given)})" if isinstance(given, Hashable) else ""
    near = difflib.get_close_matches(str(error["loc"][-1]), known, n=1) if kind == "extra_forbidden" else []
    if kind == "string_type" and isinstance(given, int | float):
        return f"must be text{shown}; put it in quotes, as written with all its digits."
    if kind in ("value_error", "assertion_error"):
        return f"{str(context.get('error', error['msg'])).rstrip('.')}{shown}."
    sentences = {
        "missing": "is missing; add it.",
        "extra_forbidden": "is not a known field; " + _remedy(error, near),
        "literal_error": f"must be one of {context.get('expected')}{shown}.",
        "enum": f"must be one of {context.get('expected')}{shown}.",
        "tuple_type": f"must be a list{shown}: one entry a line, each after a dash.",
        "list_type": f"must be a list{shown}: one entry a line, each after a dash.",
        "model_type": f"must have named fields below it{shown}: one 'name: value' a line, indented.",
        "dict_type": f"must have named fields below it{shown}: one 'name: value' a line, indented.",
    }
    message = error["msg"]
    wanted = message.removeprefix("Input should be ")
    return sentences.get(kind) or (f"must be {wanted}{shown}." if wanted != message else f"{message}{shown}.")


def _remedy(error: ErrorDetails, near: list[str]) -> str:
    if near:
        return f"did you mean '{near[0]}'?"
    if error.get("input") is None and " " in str(error["loc"][-1]):
        return "is it part of the text before it? Put a text with commas or colons in quotes."
    return "remove it."


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _field_names(model: type[BaseModel]) -> frozenset[str]:
    def walk(schema: object) -> Iterator[str]:
        if isinstance(schema, dict):
            properties = schema.get("properties")
            if isinstance(properties, dict):
                yield from properties
            for below in schema.values():
                yield from walk(below)
        elif isinstance(schema, list):
            for below in schema:
                yield from walk(below)

    return frozenset(walk(model.model_json_schema()))
