"""The link of a session: what the engine is asked for."""

from hub_config.settings import HubSettings
from hub_config.spawner import container_limits
from hub_config.swarm_link import relay_creation, session_network


def test_a_sessions_network_leads_nowhere() -> None:
    network = session_network(HubSettings(), "shixun-anne")
    assert (network["driver"], network["internal"], network["attachable"]) == ("overlay", True, True)
    assert network["options"] == {}
    assert network["labels"] == {"io.shixun.network": "shixun"}


def test_traffic_is_encrypted_by_a_setting() -> None:
    assert session_network(HubSettings(swarm_encrypted=True), "shixun-anne")["options"] == {"encrypted": ""}


def test_a_relay_is_confined_as_a_session_is() -> None:
    settings = HubSettings(hub_port=9081, grading_port=9082)
    creation = relay_creation(settings, "172.18.0.1", 8888)
    assert creation["command"][-4:] == ["172.18.0.1", "8888", "9081", "9082"]
    assert creation["user"] == "1000:1000"
    host = creation["host_config"]
    for name in ("cap_drop", "dns", "read_only", "security_opt", "tmpfs"):
        assert host[name] == container_limits(settings)[name]
    assert host["mem_limit"] == host["memswap_limit"] <= 64 * 1024**2
    assert host["network_mode"] == "shixun"
    # A stop of the base removes what bears these.
    assert creation["labels"] == {"io.shixun.session": "true", "io.shixun.network": "shixun"}
