"""A stock OPC UA client browses a plant, watches it, and operates it as far as it may."""

from __future__ import annotations

import asyncio
import queue
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from asyncua import ua
from asyncua.crypto.cert_gen import setup_self_signed_certificate
from asyncua.sync import Client
from cryptography.x509.oid import ExtendedKeyUsageOID

from simulators import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from asyncua.sync import SyncNode

    from tests.twins.opcua.conftest import Plant

KINDS_SHOWN = [kind for kind, simulator in KINDS.items() if simulator.plant is not None]


@pytest.fixture
def line(serve: Callable[[str], Plant]) -> Plant:
    return serve("production_line")


def call(node: SyncNode, method: str, *values: ua.Variant) -> ua.CallMethodResult:
    """Call a method and return everything that is answered."""
    request = ua.CallMethodRequest()
    request.ObjectId = node.nodeid
    request.MethodId = ua.NodeId(f"{node.nodeid.Identifier}/{method}", node.nodeid.NamespaceIndex)
    request.InputArguments = list(values)
    client = node.aio_obj.session
    (result,) = node.tloop.post(client.call([request]))
    found: ua.CallMethodResult = result
    return found


def code(found: ua.CallMethodResult) -> str:
    return str(found.StatusCode.name)


def write(node: SyncNode, value: Any, kind: ua.VariantType) -> str:
    """Write a value and return the status code's name."""
    try:
        node.write_value(ua.DataValue(ua.Variant(value, kind)))
    except ua.UaStatusCodeError as error:
        return type(error).__name__
    return "Good"


def writable(node: SyncNode) -> Iterator[SyncNode]:
    """All variables below a node that say that they can be written."""
    for child in node.get_children():
        if child.read_node_class() == ua.NodeClass.Object:
            yield from writable(child)
        elif (
            child.read_node_class() == ua.NodeClass.Variable and ua.AccessLevel.CurrentWrite in child.get_access_level()
        ):
            yield child


def empty(argument: ua.VariantType = ua.VariantType.Null) -> ua.Variant:
    return ua.Variant(None, argument)


@pytest.mark.parametrize("kind", KINDS_SHOWN)
class TestAnyPlant:
    def test_what_is_shown_is_what_is(self, serve: Callable[[str], Plant], kind: str) -> None:
        plant = serve(kind)
        plant.go_to(max(plant.live.twin.time_s, plant.live.twin.horizon_s / 3))
        with plant.client(None) as client:
            assert plant.node(client, "Kind").read_value() == kind
            assert plant.node(client, "TimeS").read_value() == plant.live.twin.time_s
            commands = plant.node(client, "Commands").get_children()
            names = {node.read_browse_name().Name for node in commands}
            assert names == {command.model_fields["command"].default for command in KINDS[kind].commands}
            titles = {node.read_display_name().Text for node in commands}
            assert titles == {command.title.zh for command in KINDS[kind].commands}

    def test_nothing_can_be_set_without_permission_or_with_another_type(
        self, serve: Callable[[str], Plant], kind: str
    ) -> None:
        plant = serve(kind)
        before = plant.state()
        for user, wanted in (
            (None, "BadUserAccessDenied"),
            ("student", "BadUserAccessDenied"),
            ("teacher", "BadTypeMismatch"),
        ):
            with plant.client(user) as client:
                nodes = list(writable(plant.node(client, "Kind").get_parent()))
                assert len(nodes) > 4
                for node in nodes:
                    assert write(node, b"x", ua.VariantType.ByteString) == wanted
        assert plant.state() == before

    def test_no_method_is_carried_out_without_permission_or_with_other_arguments(
        self, serve: Callable[[str], Plant], kind: str
    ) -> None:
        plant = serve(kind)
        before = plant.state()
        first = KINDS[kind].commands[0].model_fields["command"].default
        for user in (None, "student"):
            with plant.client(user) as client:
                assert code(call(plant.node(client, "Commands"), first)) == "BadUserAccessDenied"
        with plant.client() as client:
            node = plant.node(client, "Commands")
            assert code(call(node, first)) == "BadArgumentsMissing"
            assert code(call(node, first, *[ua.Variant("x")] * 9)) == "BadTooManyArguments"
            count = len(
                node.get_child(f"{node.nodeid.NamespaceIndex}:{first}").get_child("0:InputArguments").read_value()
            )
            found = call(node, first, *[ua.Variant(b"x")] * count)
            assert code(found) == "BadInvalidArgument"
            assert {one.name for one in found.InputArgumentResults} == {"BadTypeMismatch"}
            found = call(node, first, ua.Variant("nowhere"), *[empty()] * (count - 1))
            assert code(found) == "BadInvalidArgument"
        assert plant.state() == before


def test_a_line_is_shown_in_the_words_of_its_standards(line: Plant) -> None:
    line.go_to(max(line.live.twin.time_s, 600))
    snapshot = line.on_loop(line.live.twin.snapshot)
    with line.client(None) as client:
        for station in snapshot["stations"]:
            root = f"Stations/{station['name']}"
            assert line.node(client, f"{root}/Buffer/Parts").read_value() == len(station["queue"])
            for machine in station["machines"]:
                node = f"{root}/Machine{machine['number']}"
                assert line.node(client, f"{node}/State").read_value() == machine["state"]
                assert line.node(client, f"{node}/Finished").read_value() == machine["finished"]
                name = line.node(client, f"{node}/PackMlStateName").read_value()
                number = line.node(client, f"{node}/PackMlState").read_value()
                assert (name, number) in {
                    ("Execute", 6), ("Suspended", 5), ("Held", 11), ("Aborted", 9), ("Stopped", 2), ("Starting", 3)
                }  # fmt: skip
        kind = line.node(client, "Stations/press/Machine1").read_type_definition()
        assert kind.Identifier == "type/MachineType"


def test_a_subscriber_sees_what_an_operator_does_and_the_log_knows_who_it_was(line: Plant) -> None:
    seen: queue.Queue[Any] = queue.Queue()

    class Handler:
        def datachange_notification(self, node: Any, value: Any, data: Any) -> None:
            del node, data
            seen.put(value)

    with line.client(None) as watcher, line.client() as operator:
        subscription = watcher.create_subscription(50, Handler())
        subscription.subscribe_data_change(line.node(watcher, "Stations/press/Machine1/PackMlStateName"))
        assert seen.get(timeout=60) != "Aborted"
        press = line.node(operator, "Stations/press/Machine1")
        found = call(press, "Fail", empty())
        assert code(found) == "Good"
        assert seen.get(timeout=60) == "Aborted"
        assert code(call(press, "Fail", empty())) == "BadInvalidState"
        assert line.node(watcher, "LastCommandWho").read_value() == "teacher"
        assert code(call(press, "Repair")) == "Good"
        assert seen.get(timeout=60) != "Aborted"
        given = line.on_loop(lambda: line.live.twin.given)
        assert [(one.who, one.command["command"]) for one in given[-2:]] == [
            ("teacher", "fail_machine"),
            ("teacher", "repair_machine"),
        ]
        assert found.OutputArguments[0].Value == given[-2].number
        subscription.delete()


class Ear:
    """Keeps the events that it hears."""

    def __init__(self) -> None:
        self.heard: queue.Queue[Any] = queue.Queue()

    def event_notification(self, event: Any) -> None:
        self.heard.put(event)

    def until(self, words: str) -> Any:
        """Return the next event whose message has these words."""
        while words not in (event := self.heard.get(timeout=60)).Message.Text:
            pass
        return event


@pytest.mark.parametrize("path", ["", None], ids=["the twin's node", "the server's node"])
def test_whoever_listens_hears_what_happens_and_who_did_it(line: Plant, path: str | None) -> None:
    ear = Ear()
    with line.client(None) as watcher, line.client() as operator:
        press = line.node(operator, "Stations/press/Machine1")
        subscription = watcher.create_subscription(50, ear)
        kind = watcher.get_node(ua.NodeId("type/TwinEventType", press.nodeid.NamespaceIndex))
        source = watcher.nodes.server if path is None else line.node(watcher, "Kind").get_parent()
        subscription.subscribe_events(source, kind)
        time_s = line.live.twin.time_s
        assert code(call(press, "Fail", empty())) == "Good"
        given, failed = ear.until("fail_machine"), ear.until("故障 · fails")
        assert (given.Who, given.SourceNode, given.Place) == ("teacher", press.nodeid, "press.1")
        assert failed.Message.Text == "press.1 故障 · fails"
        assert (failed.Severity, failed.TimeS, failed.Who, failed.SourceNode) == (700, time_s, "", press.nodeid)
        assert code(call(press, "Repair")) == "Good"
        assert ear.until("修复 · repaired").Severity == 200
        line.on_loop(lambda: line.live.rewind(time_s, who="teacher"))
        line.on_loop(lambda: relived(line))
        assert ear.until("wound back").TimeS == time_s
        subscription.delete()


def relived(plant: Plant) -> None:
    """Let the plant live through its past, as a live twin does step by step."""
    while not plant.live.twin.ready:
        plant.live.step()


def test_an_alarm_in_a_garden_and_a_node_that_fails_are_told(serve: Callable[[str], Plant]) -> None:
    for kind, place, method, words, severity in (
        ("heritage_garden", "Garden", "RaiseAlarm", "紧急疏散", 1000),
        ("compute_cluster", "Racks/rack.cpu.2/cpu.3", "Fail", "故障 · ", 700),
    ):
        plant, ear = serve(kind), Ear()
        with plant.client() as client:
            subscription = client.create_subscription(50, ear)
            node = plant.node(client, place)
            subscription.subscribe_events(
                evtypes=client.get_node(ua.NodeId("type/TwinEventType", node.nodeid.NamespaceIndex))
            )
            arguments = [empty()] if method == "Fail" else []
            assert code(call(node, method, *arguments)) == "Good"
            assert ear.until(words).Severity == severity
            subscription.delete()


def test_what_a_value_has_been_can_be_read_and_not_changed(line: Plant) -> None:
    began = datetime.now(UTC)
    with line.client() as client:
        press = line.node(client, "Stations/press/Machine1")
        state = line.node(client, "Stations/press/Machine1/State")
        before = state.read_value()
        assert code(call(press, "Fail", empty())) == "Good"
        assert code(call(press, "Repair")) == "Good"
        told = state.read_raw_history(began - timedelta(hours=1), datetime.now(UTC) + timedelta(hours=1))
        values = [value.Value.Value for value in told]
        assert values[-3:-1] == [before, "down"]
        assert values[-1] != "down"
        assert all(a.SourceTimestamp <= b.SourceTimestamp for a, b in pairwise(told))
        assert ua.AccessLevel.HistoryRead in state.get_access_level()
        assert len(state.read_raw_history(began, numvalues=1)) == 1
        update = ua.HistoryUpdateParameters([ua.DeleteRawModifiedDetails(NodeId=state.nodeid)])
        with pytest.raises(ua.UaStatusCodeError, match="BadUserAccessDenied"):
            state.tloop.post(client.aio_obj.uaclient.history_update(update))


def test_an_operator_sets_values_within_their_bounds(line: Plant) -> None:
    with line.client() as client:
        places = line.node(client, "Stations/paint/Buffer/Places")
        assert write(places, 7, ua.VariantType.Int64) == "Good"
        assert places.read_value() == 7
        before = line.state()
        assert write(places, -5, ua.VariantType.Int64) == "BadOutOfRange"
        assert write(places, 7, ua.VariantType.Int32) == "BadTypeMismatch"
        assert write(places, [7], ua.VariantType.Int64) == "BadTypeMismatch"
        assert write(line.node(client, "TimeS"), 0.0, ua.VariantType.Double) == "BadUserAccessDenied"
        assert line.state() == before
        assert write(places, -1, ua.VariantType.Int64) == "Good"  # no limit
        assert line.on_loop(lambda: line.live.twin.given)[-1].command["places"] is None
        found = call(
            line.node(client, "Commands"),
            "set_buffer_places",
            ua.Variant("paint"),
            ua.Variant(-3, ua.VariantType.Int64),
        )
        assert [one.name for one in found.InputArgumentResults] == ["Good", "BadOutOfRange"]
        speed = line.node(client, "Speed")
        assert write(speed, 500.0, ua.VariantType.Double) == "Good"
        assert line.live.pace.speed == 500.0
        assert write(speed, 0.0, ua.VariantType.Double) == "BadOutOfRange"


def test_a_cluster_is_drained_and_a_garden_is_closed(serve: Callable[[str], Plant]) -> None:
    cluster = serve("compute_cluster")
    with cluster.client() as client:
        node = cluster.node(client, "Racks/rack.cpu.1/cpu.1/Drained")
        assert write(node, True, ua.VariantType.Boolean) == "Good"
        assert write(node, True, ua.VariantType.Boolean) == "BadInvalidState"
        assert cluster.node(client, "Racks/rack.cpu.1/cpu.1/State").read_value() in ("drained", "draining")
    garden = serve("heritage_garden")
    with garden.client() as client:
        gate = garden.node(client, "Gates/south/Open")
        assert write(gate, False, ua.VariantType.Boolean) == "Good"
        assert gate.read_value() is False
        assert code(call(garden.node(client, "Gates/south"), "FollowPlan")) == "Good"
        assert write(garden.node(client, "Garden/Cap"), 40, ua.VariantType.Int64) == "Good"
        assert garden.on_loop(garden.live.twin.snapshot)["cap"] == 40


@pytest.mark.parametrize(("user", "password"), [("teacher", "wrong"), ("nobody", "correct horse")])
def test_who_does_not_know_the_password_is_not_let_in(line: Plant, user: str, password: str) -> None:
    with pytest.raises(ua.UaStatusCodeError, match="BadUserAccessDenied"), line.client(user, password):
        pass


def test_the_command_line_tools_that_come_with_the_library_work(line: Plant) -> None:
    tools = Path(sys.executable).parent

    def run(tool: str, *words: str) -> str:
        command = [str(tools / tool), "-u", line.url, "--timeout", "60", *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout

    with line.client(None) as client:
        node = line.node(client, "Stations/press").nodeid.to_string()
    assert "Machine1" in run("uals", "-n", node)
    assert run("uaread", "-n", f"{node}/Machine1/State").strip()
    login = ("--user", "teacher", "--password", "correct horse")
    run("uawrite", *login, "-n", f"{node}/Buffer/Places", "-t", "int64", "12")
    assert line.on_loop(line.live.twin.snapshot)["stations"][0]["buffer_places"] == 12


def test_an_encrypted_channel_carries_the_same(line: Plant, tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.der"
    subject = {"organizationName": "school", "commonName": "client"}
    uses = [ExtendedKeyUsageOID.CLIENT_AUTH]
    asyncio.run(setup_self_signed_certificate(key, certificate, "urn:client", socket.gethostname(), uses, subject))
    client = Client(line.url, timeout=60)
    client.application_uri = "urn:client"
    client.set_user("teacher")
    client.set_password("correct horse")
    client.set_security_string(f"Basic256Sha256,SignAndEncrypt,{certificate},{key}")
    with client:
        places = line.node(client, "Stations/pack/Buffer/Places")
        assert write(places, 9, ua.VariantType.Int64) == "Good"
        assert places.read_value() == 9


def test_nobody_changes_what_there_is(line: Plant) -> None:
    for user in (None, "teacher"):
        with line.client(user) as client, pytest.raises(ua.UaStatusCodeError, match="BadUserAccessDenied"):
            line.node(client, "Kind").get_parent().add_folder(2, "mine")
