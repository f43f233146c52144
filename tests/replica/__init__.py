"""Stand-ins that behave as the real upstream services do, worst habits included.

Belongs here: servers on the loopback that serve real award rows in the official shapes, their traps, and the
reading of sample files. Does not belong here: any of the product's own code (a stand-in that shared a parser with
the product would share its mistakes).
"""

from tests.replica.ingest import rows

__all__ = ["rows"]
