from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from simulators import DocumentError, UnknownKindError, load_scenario

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """\
kind: production_line
horizon_s: 3600
release: {kind: saturated}
stations:
  - name: press
    service: {kind: deterministic, value_s: 36}
  - name: paint
    buffer_places: 2
    service:
      kind: exponential
      mean_s: 30
"""


def problems(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "scenario.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DocumentError) as caught:
        load_scenario(path)
    return [str(problem).removeprefix(f"{tmp_path}/") for problem in caught.value.problems]


def test_good_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_text(GOOD)
    assert load_scenario(path).horizon_s == 3600


@pytest.mark.parametrize(
    ("written", "instead", "line", "field", "words"),
    [
        ("mean_s: 30", "mean_s: -30", 11, "stations.1.service.mean_s = -30", "greater than 0"),
        ("mean_s: 30", "mean_s: .inf", 11, "stations.1.service.mean_s = inf", "finite"),
        ("mean_s: 30", "mean_s: soon", 11, "stations.1.service.mean_s = 'soon'", "number"),
        ("kind: exponential", "kind: lucky", 9, "stations.1.service", "exponential"),
        ("buffer_places: 2", "buffer_places: -1", 8, "stations.1.buffer_places = -1", "0"),
        ("buffer_places: 2", "colour: red", 8, "stations.1.colour = 'red'", "not a field here"),
        ("horizon_s: 3600", "horizon_s: 0", 2, "horizon_s = 0", "greater than 0"),
        ("horizon_s: 3600", "horizon_s: 60\nwarm_up_s: 60", 3, "", "warm_up_s = 60.0 must be < horizon_s = 60.0"),
        ("name: paint", "name: press", 7, "stations.1.name = 'press'", "stands twice"),
        ("name: paint", "name: 喷漆", 7, "stations.1.name = '喷漆'", "pattern"),
        ("value_s: 36", "value_s: 0", 6, "stations.0.service: ", "without end"),
        ("release: {kind: saturated}\n", "", 1, "release: ", "is missing"),
    ],
)
def test_bad_field_is_named_with_line_value_and_bound(
    tmp_path: Path, written: str, instead: str, line: int, field: str, words: str
) -> None:
    (found,) = problems(tmp_path, GOOD.replace(written, instead))
    assert found.startswith(f"scenario.yaml:{line}: ")
    assert field in found
    assert words in found


def test_a_message_on_a_model_as_a_whole_gets_the_line_of_the_field_it_begins_with(tmp_path: Path) -> None:
    release = "release:\n  kind: orders\n  orders:\n  - quantity: 2\n    release_s: 9\n    due_s: 5\n"
    (found,) = problems(tmp_path, GOOD.replace("release: {kind: saturated}\n", release))
    assert found == "scenario.yaml:8: release.orders.0: due_s = 5.0 must be ≥ release_s = 9.0"


def test_a_fault_between_fields_gets_the_line_of_its_item(tmp_path: Path) -> None:
    types = "part_types:\n  - name: cup\n    route:\n      - press\n      - {station: paint}\n      - polish\n"
    assert problems(tmp_path, GOOD + types) == [
        "scenario.yaml:17: part_types.0.route.2 = 'polish': is not there; choose one of: paint, press"
    ]


def test_every_fault_between_fields_is_named_at_once(tmp_path: Path) -> None:
    bad = GOOD.replace("  - name: paint", "    service_skill: welding\n    shift: night\n  - name: press")
    assert problems(tmp_path, bad) == [
        "scenario.yaml:9: stations.1.name = 'press': stands twice; give each its own name",
        "scenario.yaml:7: stations.0.service_skill = 'welding': is no crew's skill; add it to one of crews",
        "scenario.yaml:8: stations.0.shift = 'night': is not there; there is none",
    ]


def test_every_problem_is_named_at_once(tmp_path: Path) -> None:
    bad = GOOD.replace("horizon_s: 3600", "horizon_s: -1").replace("mean_s: 30", "mean_s: 0")
    assert len(problems(tmp_path, bad)) == 2


def test_missing_field_is_named(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, GOOD.replace("horizon_s: 3600\n", ""))
    assert "horizon_s: is missing" in found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("kind: [", "not valid YAML"),
        ("- a\n- b\n", "mapping"),
        ("", "mapping"),
        (GOOD + "horizon_s: 60\n", "second time"),
        ("a: !!python/object/apply:os.system [ls]\n", "not valid YAML"),
        ("a: &a [*a]\nkind: x\n", None),
    ],
)
def test_what_is_not_a_mapping_is_refused(tmp_path: Path, text: str, words: str | None) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_text(text)
    with pytest.raises((DocumentError, UnknownKindError), match=words or "."):
        load_scenario(path)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"nowhere\.yaml: cannot be read"):
        load_scenario(tmp_path / "nowhere.yaml")


def test_other_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_bytes("kind: 产线".encode("gb18030"))
    with pytest.raises(DocumentError, match="UTF-8"):
        load_scenario(path)


def test_unknown_kind_names_the_known_ones(tmp_path: Path) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_text(GOOD.replace("production_line", "perpetual_motion"))
    with pytest.raises(UnknownKindError, match=r"'perpetual_motion'.*production_line"):
        load_scenario(path)
