"""The procedure as data (procedure.yaml): states of a case, actions that lead from one to another, roles that may act.

Belongs here: the model of the file and questions put to it. Does not belong here: cases, people, the ledger (casework).
"""

from __future__ import annotations

from typing import Final

from pydantic import Field, model_validator

from ordinance.loader import DATA, Data, load_yaml

_FILE: Final = DATA / "procedure.yaml"


class Role(Data):
    """One role and the permissions it carries within its jurisdiction."""

    name: str
    may: tuple[str, ...] = Field(min_length=1)


class Action(Data):
    """One thing a person can do with a case; fields as said in procedure.yaml."""

    name: str
    from_: tuple[str, ...] = Field(alias="from", min_length=1)
    to: str | None = None
    may: str
    reason: bool = False
    evidence: bool = False
    undo: bool = False
    two_person: bool = False
    outcomes: tuple[str, ...] = ()


class Procedure(Data):
    """The whole of procedure.yaml; every name it uses is one it defines."""

    permissions: dict[str, str]
    roles: dict[str, Role]
    states: dict[str, str]
    decided: tuple[str, ...]
    actions: dict[str, Action]

    @model_validator(mode="after")
    def _coherent(self) -> Procedure:
        wanted = {p for role in self.roles.values() for p in role.may} | {a.may for a in self.actions.values()}
        states = {s for a in self.actions.values() for s in (*a.from_, *([a.to] if a.to else []))} | set(self.decided)
        for what, used, known in (("permission", wanted, self.permissions), ("state", states, self.states)):
            unknown = sorted(used - set(known))
            if unknown:
                raise ValueError(f"no {what} {', '.join(unknown)}; known: {', '.join(sorted(known))}")
        return self

    def possible(self, state: str) -> tuple[str, ...]:
        """Actions that may start from a state, in the order of the file."""
        return tuple(name for name, action in self.actions.items() if state in action.from_)


def procedure() -> Procedure:
    """The procedure. Raises OrdinanceError listing every fault of the file."""
    return load_yaml(_FILE, Procedure)
