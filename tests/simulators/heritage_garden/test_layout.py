"""A garden that cannot be is refused, with the scene's name and the line of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from simulators import DocumentError, load_scenario
from simulators.heritage_garden import HeritageGarden, example, load_garden

if TYPE_CHECKING:
    from pathlib import Path


def written(data: dict[str, Any], path: Path) -> Path:
    path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return path


def document() -> dict[str, Any]:
    data: dict[str, Any] = example().model_dump(mode="json", exclude_defaults=True)
    return {"kind": "heritage_garden", **data}


def scene(data: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in data["garden"]["scenes"] if one["name"] == name)


def path_of(data: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in data["garden"]["paths"] if one["name"] == name)


def crossed(data: dict[str, Any]) -> None:
    corners = scene(data, "rocks")["polygon_m"]
    corners[1], corners[2] = corners[2], corners[1]


def no_capacity(data: dict[str, Any]) -> None:
    scene(data, "lotus")["usable_area_m2"] = 0


def cut_off(data: dict[str, Any]) -> None:
    data["garden"]["paths"] = [p for p in data["garden"]["paths"] if p["name"] not in ("steps", "ridge")]


def through_pond(data: dict[str, Any]) -> None:
    path_of(data, "causeway")["kind"] = "path"


def through_wall(data: dict[str, Any]) -> None:
    data["garden"]["walls"][0]["openings"][0]["kind"] = "window"


def dead_end(data: dict[str, Any]) -> None:
    path_of(data, "to_hall")["end"] = "tea_house"


def far_off(data: dict[str, Any]) -> None:
    path_of(data, "gallery")["line_m"][0] = [60, 10]


def too_large(data: dict[str, Any]) -> None:
    scene(data, "hall")["usable_area_m2"] = 49


def same_name(data: dict[str, Any]) -> None:
    scene(data, "hall")["name"] = "rocks"


def overlapping(data: dict[str, Any]) -> None:
    data["controls"]["slots"][1]["from_s"] = 34_000


def unknown_path(data: dict[str, Any]) -> None:
    data["controls"]["directions"][0]["name"] = "north_shore"


def one_way_trap(data: dict[str, Any]) -> None:
    for name in ("steps", "ridge"):
        path_of(data, name)["one_way"] = "forward" if name == "steps" else "backward"


def small_cap(data: dict[str, Any]) -> None:
    data["controls"]["cap"] = 10


FAULTS = [
    (crossed, "polygon_m", "scene 'rocks': sides"),
    (no_capacity, "usable_area_m2", "scene 'lotus' has a carrying capacity of 0"),
    (cut_off, "name", "scene 'outlook' is not connected: no way leads from an entrance"),
    (through_pond, "line_m", "path 'causeway' leads through pond 'pond'"),
    (through_wall, "line_m", "path 'to_hall' leads through wall 'screen'"),
    (dead_end, "end", "path 'to_hall': there is no gate, scene or junction of that name"),
    (far_off, "start", "path 'gallery': its line lies"),
    (too_large, "usable_area_m2", "scene 'hall': more than the 48.0 m²"),
    (same_name, "name", "stands at one of the scenes and at one of the scenes"),
    (overlapping, "from_s", "slot 'late' overlaps slot 'early'"),
    (unknown_path, "name", "is not a path of garden 'small'"),
    (one_way_trap, "name", "scene 'outlook' is not connected: no way leads to an exit"),
    (small_cap, "cap", "must be ≥ 17"),
]


@pytest.mark.parametrize(("spoil", "field", "words"), FAULTS, ids=lambda value: getattr(value, "__name__", ""))
def test_a_fault_is_told_with_name_and_line(spoil: Any, field: str, words: str, tmp_path: Path) -> None:
    data = document()
    spoil(data)
    file = written(data, tmp_path / "scenario.yaml")
    with pytest.raises(DocumentError) as caught:
        load_scenario(file)
    problem = next(one for one in caught.value.problems if words in one.message)
    assert problem.field.endswith(field)
    assert file.read_text(encoding="utf-8").splitlines()[problem.line - 1].strip("- ").startswith(field)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    data = document()
    no_capacity(data)
    overlapping(data)
    with pytest.raises(DocumentError) as caught:
        load_scenario(written(data, tmp_path / "scenario.yaml"))
    assert len(caught.value.problems) == 2


def test_a_garden_file_is_read_by_itself(tmp_path: Path) -> None:
    data = document()["garden"]
    assert load_garden(written(data, tmp_path / "small.yaml")) == example().garden
    data["scenes"][0]["usable_area_m2"] = 1
    with pytest.raises(DocumentError, match=r"small\.yaml:\d+: scenes\.0\.usable_area_m2 = 1.*scene 'hall'"):
        load_garden(written(data, tmp_path / "small.yaml"))


def test_an_unknown_garden_is_named(tmp_path: Path) -> None:
    data = {**document(), "garden": "lion_grove"}
    with pytest.raises(DocumentError, match="'lion_grove' is not shipped; choose from: humble_administrator"):
        load_scenario(written(data, tmp_path / "scenario.yaml"))


def test_a_shipped_garden_by_name_is_the_garden_itself() -> None:
    data = {**document(), "garden": "master_of_the_nets"}
    data["visitors"] = data["visitors"][:1]
    data["visitors"][0].pop("gates")
    data["controls"] = {}
    scenario = HeritageGarden.model_validate(data)
    assert scenario.garden == load_garden("master_of_the_nets")
    assert HeritageGarden.model_validate(scenario.model_dump()) == scenario
