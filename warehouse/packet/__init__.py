"""The evidence packet: one WACZ file with the captures behind a candidate and a page that quotes every passage.

Belongs here: gathering, copying records, the packet's page and index, checking a packet. Does not belong here: showing
evidence from the archive (warehouse.showing), the archive itself (crawlers.archive). See docs/evidence-packets.md.
"""

from warehouse.packet.gather import PacketError
from warehouse.packet.verify import PacketReport, verify_packet
from warehouse.packet.wacz import Exported, export

__all__ = ["Exported", "PacketError", "PacketReport", "export", "verify_packet"]
