"""The replica for the acceptance tests."""

from __future__ import annotations

from tests.replica.fixtures import usaspending_replica

__all__ = ["usaspending_replica"]
