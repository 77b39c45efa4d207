"""Makes up commands for any kind of plant, from what its models and its snapshot tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from simulators import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulators import Command, Scenario


def names_in(snapshot: Mapping[str, Any]) -> dict[str, list[str]]:
    """Names of what a snapshot lists, by what one of them is called: station, node, gate."""
    return {
        plural.removesuffix("s"): [thing["name"] for thing in things]
        for plural, things in snapshot.items()
        if isinstance(things, list) and things and "name" in things[0]
    }


def commands(scenario: Scenario, snapshot: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Commands of a scenario's kind, most of which name what is there."""
    names = names_in(snapshot)
    return st.one_of([_of(model, names) for model in KINDS[scenario.kind].commands])


def _of(model: type[Command], names: Mapping[str, list[str]]) -> st.SearchStrategy[dict[str, Any]]:
    schema = model.model_json_schema()
    return st.fixed_dictionaries({name: _value(name, part, names) for name, part in schema["properties"].items()})


def _value(name: str, part: Mapping[str, Any], names: Mapping[str, list[str]]) -> st.SearchStrategy[Any]:
    if "const" in part:
        return st.just(part["const"])
    if "enum" in part:
        return st.sampled_from(part["enum"])
    if "anyOf" in part:
        return st.one_of([_value(name, one, names) for one in part["anyOf"]])
    match part["type"]:
        case "null":
            return st.none()
        case "string":
            known = names.get(name) or [one for some in names.values() for one in some]
            return st.sampled_from(known)
        case "integer":
            return st.integers(part.get("minimum", 0), part.get("minimum", 0) + 6)
        case "number":
            return st.floats(0, 2000)
    raise NotImplementedError(part)
