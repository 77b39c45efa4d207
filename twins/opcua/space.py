"""The address space of a live twin: what there is becomes nodes, what is done to them becomes commands."""

from __future__ import annotations

import json
from datetime import UTC
from typing import TYPE_CHECKING, Any

from asyncua import ua

from simulators import CommandError, DeadlockError, Text
from simulators.command import command_name
from simulators.registry import simulator_of
from twins.errors import TwinError
from twins.opcua import cluster, garden, line
from twins.opcua.announcer import Announcer
from twins.opcua.arguments import answer_to, arguments_of, code_of, misfits
from twins.opcua.session import CALLER, Caller
from twins.opcua.thing import Action, Snapshot, Thing, Value

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from asyncua import Node, Server

    from twins.live import Live
    from twins.opcua.arguments import Argument
    from twins.opcua.notices import Notice
    from twins.opcua.session import CommandingServer
    from twins.opcua.thing import Kind

__all__ = ["NAMESPACE", "Space"]

NAMESPACE = "urn:shixun:twin"

THINGS: dict[str, Callable[..., tuple[Thing, ...]]] = {
    "compute_cluster": cluster.things,
    "heritage_garden": garden.things,
    "production_line": line.things,
}
"""How plants of each kind are shown; of any other, only its time, its last command and all its commands."""

MOST_KEPT, LEAST_KEPT, ALL_KEPT = 1000, 20, 200_000
"""Of a value so many changes are kept; of all together about so many."""

NOTHING: dict[Kind, Any] = {"Boolean": False, "Int64": 0, "Double": 0.0, "String": ""}


class Space:
    """The nodes of one twin, brought up to date by :meth:`refresh`.

    Parameters
    ----------
    live
        The twin.
    server, heart
        The server, initialised, and its inner server.
    """

    def __init__(self, live: Live, server: Server, heart: CommandingServer) -> None:
        self._live = live
        self._server = server
        self._heart = heart
        self._index = 0
        self._types: dict[str, ua.NodeId] = {}
        self._members: dict[str, dict[str, Kind]] = {}
        self._readers: list[tuple[ua.NodeId, Value]] = []
        self._shown: dict[ua.NodeId, Any] = {}
        self._sources: dict[str, ua.NodeId] = {}
        self._announcer = Announcer(server, 0)

    async def build(self) -> None:
        """Make all nodes."""
        self._index = await self._server.register_namespace(NAMESPACE)
        twin, snapshot = self._live.twin, self._snapshot()
        root = await self._object(self._server.nodes.objects, "Twin", Thing("Twin", "TwinType"))
        await self._fill(root, "Twin", Thing("Twin", "TwinType", values=self._common()), snapshot)
        await self._commanded("Twin/Speed", ua.VariantType.Double, self._set_speed)
        await self._commanded("Twin/Paused", ua.VariantType.Boolean, self._set_paused)
        make = THINGS.get(twin.scenario.kind)
        for thing in () if make is None else make(twin.scenario, snapshot):
            await self._add(root, f"Twin/{thing.name}", thing, snapshot)
        folder = await self._object(root, "Twin/Commands", Thing("Commands", "FolderType"))
        for command in simulator_of(twin.scenario).commands:
            name = command_name(command)
            await self._method(folder, f"Twin/Commands/{name}", Action(name, command, {}), command.title)
        await self._describe_types()
        self._announcer = Announcer(self._server, self._index)
        await self._announcer.build(root, self._sources)
        await self._keep_history()

    async def refresh(self) -> None:
        """Show what has changed; while the plant lives through its past again, only how far that is."""
        if not self._live.twin.ready:
            await self._show(self._id("Twin/Relived"), self._live.relived, "Double")
            return
        snapshot = self._snapshot()
        for identifier, value in self._readers:
            await self._show(identifier, value.read(snapshot), value.kind)

    async def announce(self, notice: Notice) -> None:
        """Send an event to whoever wants to hear of events."""
        await self._announcer.tell(notice)

    async def _show(self, identifier: ua.NodeId, now: Any, kind: Kind) -> None:  # noqa: ANN401 - of any kind
        if self._shown[identifier] != now:
            self._shown[identifier] = now
            changed = _stamped(now, kind)
            await self._heart.aspace.write_attribute_value(identifier, ua.AttributeIds.Value, changed)
            await self._heart.history_manager.storage.save_node_value(identifier, changed)

    # ---- nodes

    async def _keep_history(self) -> None:
        """Let clients read what all values have been since the server runs, each as often as it has changed lately.

        asyncua's own way subscribes to every value; we know ourselves when we change them.
        """
        storage = self._heart.history_manager.storage
        count = max(LEAST_KEPT, min(MOST_KEPT, ALL_KEPT // max(1, len(self._readers))))
        for identifier, value in self._readers:
            node = self._server.get_node(identifier)
            await node.write_attribute(ua.AttributeIds.Historizing, ua.DataValue(ua.Variant(True)))
            for level in (ua.AttributeIds.AccessLevel, ua.AttributeIds.UserAccessLevel):
                await node.set_attr_bit(level, ua.AccessLevel.HistoryRead)
            await storage.new_historized_node(identifier, None, count)
            await storage.save_node_value(identifier, _stamped(self._shown[identifier], value.kind))

    def _snapshot(self) -> Snapshot:
        live = self._live
        given = live.twin.given
        last = given[-1] if given else None
        return {
            **live.twin.snapshot(),
            "speed": live.pace.speed,
            "paused": live.pace.paused,
            "relived": live.relived,
            "stuck": "" if live.stuck is None else str(live.stuck),
            "last_number": -1 if last is None else last.number,
            "last_command": "" if last is None else json.dumps(last.command, ensure_ascii=False),
            "last_who": "" if last is None else last.who,
        }

    def _common(self) -> tuple[Value, ...]:
        scenario = self._live.twin.scenario
        return (
            Value("Kind", "String", lambda now: now["kind"]),
            Value("TimeS", "Double", lambda now: now["time_s"]),
            Value("HorizonS", "Double", lambda _: scenario.horizon_s),
            Value("Speed", "Double", lambda now: now["speed"]),
            Value("Paused", "Boolean", lambda now: now["paused"]),
            Value("Relived", "Double", lambda now: now["relived"]),
            Value("Stuck", "String", lambda now: now["stuck"]),
            Value("LastCommandNumber", "Int64", lambda now: now["last_number"]),
            Value("LastCommand", "String", lambda now: now["last_command"]),
            Value("LastCommandWho", "String", lambda now: now["last_who"]),
        )

    async def _add(self, parent: Node, path: str, thing: Thing, snapshot: Snapshot) -> None:
        node = await self._object(parent, path, thing)
        if thing.place:
            self._sources[thing.place] = node.nodeid
        await self._fill(node, path, thing, snapshot)

    async def _fill(self, node: Node, path: str, thing: Thing, snapshot: Snapshot) -> None:
        for value in thing.values:
            await self._variable(node, f"{path}/{value.name}", value, snapshot)
            self._members.setdefault(thing.type, {})[value.name] = value.kind
        for action in thing.actions:
            await self._method(node, f"{path}/{action.name}", action, action.command.title)
        for part in thing.parts:
            await self._add(node, f"{path}/{part.name}", part, snapshot)

    async def _object(self, parent: Node, path: str, thing: Thing) -> Node:
        kind = await self._type(thing.type)
        node = await parent.add_object(self._id(path), f"{self._index}:{thing.name}", objecttype=kind)
        await self._name(node, thing.title)
        return node

    async def _type(self, name: str) -> ua.NodeId:
        if name == "FolderType":
            return ua.NodeId(ua.Int32(ua.ObjectIds.FolderType))
        if name not in self._types:
            base = self._server.nodes.base_object_type
            made = await base.add_object_type(self._id(f"type/{name}"), f"{self._index}:{name}")
            self._types[name] = made.nodeid
        return self._types[name]

    async def _describe_types(self) -> None:
        """Tell clients what values each type has; after the things, which would get copies with other identifiers."""
        for name, members in self._members.items():
            node = self._server.get_node(self._types[name])
            for member, kind in members.items():
                identifier, browse = self._id(f"type/{name}/{member}"), f"{self._index}:{member}"
                variable = await node.add_variable(identifier, browse, NOTHING[kind], ua.VariantType[kind])
                await variable.set_modelling_rule(True)

    async def _variable(self, parent: Node, path: str, value: Value, snapshot: Snapshot) -> None:
        now, kind = value.read(snapshot), ua.VariantType[value.kind]
        node = await parent.add_variable(self._id(path), f"{self._index}:{value.name}", now, kind)
        self._readers.append((node.nodeid, value))
        self._shown[node.nodeid] = now
        write = value.write
        if write is not None:
            await self._commanded(path, kind, lambda given, who: self._live.apply(write(given), who=who))

    async def _commanded(self, path: str, kind: ua.VariantType, act: Callable[[Any, str], object]) -> None:
        """Let operators set a value, which is to act upon the plant."""
        node = self._server.get_node(self._id(path))
        await node.set_writable()
        self._heart.setters[node.nodeid] = self._setter(act, kind)

    async def _method(self, parent: Node, path: str, action: Action, title: Text) -> None:
        arguments = arguments_of(action.command, list(action.known))
        output = ua.Argument()
        output.Name = "number"
        output.DataType = ua.NodeId(ua.Int32(ua.ObjectIds.Int64))
        output.ValueRank = ua.Int32(-1)
        output.Description = ua.LocalizedText("of the command in the journal")
        node = await parent.add_method(
            self._id(path),
            f"{self._index}:{action.name}",
            self._caller_of(action, arguments),
            [argument.as_ua() for argument in arguments],
            [output],
        )
        await self._name(node, title)

    async def _name(self, node: Node, title: Text | None) -> None:
        """Show people the Chinese name, and the English one as its description."""
        if title is not None:
            write = self._heart.aspace.write_attribute_value
            chinese, english = ua.LocalizedText(title.zh, "zh-CN"), ua.LocalizedText(title.en, "en")
            await write(node.nodeid, ua.AttributeIds.DisplayName, ua.DataValue(ua.Variant(chinese)))
            await write(node.nodeid, ua.AttributeIds.Description, ua.DataValue(ua.Variant(english)))

    def _id(self, path: str) -> ua.NodeId:
        return ua.NodeId(ua.String(path), ua.Int16(self._index))

    # ---- commands

    def _setter(
        self, act: Callable[[Any, str], object], kind: ua.VariantType
    ) -> Callable[[ua.Variant, Caller], Awaitable[int]]:
        async def set_value(given: ua.Variant, caller: Caller) -> int:
            if not caller.operates:
                return ua.StatusCodes.BadUserAccessDenied
            if given.VariantType != kind or given.is_array:
                return ua.StatusCodes.BadTypeMismatch
            try:
                act(given.Value, caller.name)
            except CommandError as error:
                return code_of(error)
            except (DeadlockError, TwinError):
                return ua.StatusCodes.BadInvalidState
            await self.refresh()
            return ua.StatusCodes.Good

        return set_value

    def _caller_of(self, action: Action, arguments: Sequence[Argument]) -> Callable[..., Awaitable[Any]]:
        async def call(_: ua.NodeId, *given: ua.Variant) -> Any:  # noqa: ANN401 - a result or outputs
            caller = CALLER.get()
            if not caller.operates:
                return ua.StatusCode(ua.UInt32(ua.StatusCodes.BadUserAccessDenied))
            if len(given) < len(arguments):
                return ua.StatusCode(ua.UInt32(ua.StatusCodes.BadArgumentsMissing))
            if len(given) > len(arguments):
                return ua.StatusCode(ua.UInt32(ua.StatusCodes.BadTooManyArguments))
            codes = misfits(arguments, given)
            if any(codes):
                result = ua.CallMethodResult()
                result.StatusCode = ua.StatusCode(ua.UInt32(ua.StatusCodes.BadInvalidArgument))
                result.InputArgumentResults = [ua.StatusCode(ua.UInt32(code)) for code in codes]
                return result
            fields = {argument.field: value.Value for argument, value in zip(arguments, given, strict=True)}
            data = {"command": command_name(action.command), **action.known, **fields}
            try:
                number = self._live.apply(data, who=caller.name).number
            except CommandError as error:
                return answer_to(error, arguments)
            except (DeadlockError, TwinError):
                return ua.StatusCode(ua.UInt32(ua.StatusCodes.BadInvalidState))
            await self.refresh()
            return [ua.Variant(number, ua.VariantType.Int64)]

        return call

    def _set_speed(self, speed: float, _: str) -> None:
        try:
            self._live.pace.set_speed(speed)
        except ValueError as error:
            raise CommandError(field="speed", value=speed, message=str(error)) from error

    def _set_paused(self, paused: bool, _: str) -> None:
        self._live.step()
        if paused:
            self._live.pace.pause()
        else:
            self._live.pace.go()


def _stamped(now: Any, kind: Kind) -> ua.DataValue:  # noqa: ANN401 - of any kind
    at = ua.DateTime.now(UTC)
    return ua.DataValue(ua.Variant(now, ua.VariantType[kind]), SourceTimestamp=at, ServerTimestamp=at)
