"""Tells OPC UA clients what happens, as events of a type of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asyncua import ua

if TYPE_CHECKING:
    from collections.abc import Mapping

    from asyncua import Node, Server
    from asyncua.server.event_generator import EventGenerator

    from twins.opcua.notices import Notice

__all__ = ["Announcer"]

TYPE = "TwinEventType"
"""Below ``BaseEventType``; besides what all events have: the plant's time, the place, and who has done it."""

PROPERTIES: Mapping[str, float | str] = {"TimeS": 0.0, "Place": "", "Who": ""}


class Announcer:
    """Sends events from the twin's node, and from the server's, to which clients subscribe that know nothing of ours.

    Parameters
    ----------
    server
        Initialised.
    index
        Of our namespace.
    """

    def __init__(self, server: Server, index: int) -> None:
        self._server = server
        self._index = index
        self._generators: list[EventGenerator] = []
        self._root = ua.NodeId()
        self._sources: Mapping[str, ua.NodeId] = {}

    async def build(self, root: Node, sources: Mapping[str, ua.NodeId]) -> None:
        """Make the type, and what sends events.

        Parameters
        ----------
        root
            The twin's node.
        sources
            By the names of places: the nodes that show them.
        """
        base = self._server.get_node(ua.NodeId(ua.Int32(ua.ObjectIds.BaseEventType)))
        kind = await base.add_object_type(self._id(f"type/{TYPE}"), f"{self._index}:{TYPE}")
        for name, value in PROPERTIES.items():
            await kind.add_property(self._id(f"type/{TYPE}/{name}"), f"{self._index}:{name}", value)
        for node in (root, self._server.nodes.server):
            self._generators.append(await self._server.get_event_generator(kind, node.nodeid))
        self._root, self._sources = root.nodeid, sources

    async def tell(self, notice: Notice) -> None:
        """Send an event."""
        for generator in self._generators:
            event = generator.event
            event.SourceNode = self._sources.get(notice.place, self._root)
            event.SourceName = notice.place or "Twin"
            event.Message = ua.LocalizedText(f"{notice.place} {notice.words}".strip())
            event.Severity = ua.UInt16(notice.severity)
            event.TimeS, event.Place, event.Who = notice.time_s, notice.place, notice.who
            await generator.trigger()

    def _id(self, path: str) -> ua.NodeId:
        return ua.NodeId(ua.String(path), ua.Int16(self._index))
