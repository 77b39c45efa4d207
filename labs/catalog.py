"""The catalogue: a folder of labs, each a folder of data."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from labs import decision as decisions
from labs.decision import TargetError
from labs.errors import UnknownLabError
from labs.lab import Lab, LabFile
from labs.rubric import Rubric
from simulators import DocumentError, Problem, load_scenario, read
from simulators.document import problems_of, read_mapping
from simulators.registry import simulator_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["CATALOG", "Catalog"]

CATALOG = Path(__file__).parent / "catalog"


class Catalog:
    """Labs by name.

    Parameters
    ----------
    root
        Folder whose sub-folders with a ``lab.yaml`` are labs.
    """

    def __init__(self, root: Path = CATALOG) -> None:
        self.root = root

    def __iter__(self) -> Iterator[str]:
        """Return the names of the labs, in order."""
        return iter(sorted(path.parent.name for path in self.root.glob("*/lab.yaml")))

    def folder(self, slug: str) -> Path:
        """Return a lab's folder.

        Raises
        ------
        UnknownLabError
            There is no such lab.
        """
        if slug not in list(self):  # never a path made from what a stranger sent
            raise UnknownLabError(slug, self)
        return self.root / slug

    def files(self, slug: str) -> tuple[str, ...]:
        """Return the files that make a lab what it is for students: paths below its folder.

        They are ``lab.yaml``, ``scenario.yaml``, and whatever data files the scenario names.

        Raises
        ------
        UnknownLabError
            There is no such lab.
        simulators.DocumentError
            ``scenario.yaml`` cannot be read, or names a file that is not in the folder.
        """
        folder = self.folder(slug)
        scenario = folder / "scenario.yaml"
        named = sorted(set(_named_files(read_mapping(scenario)[0])))
        away = [name for name in named if not _inside(folder, name)]
        if away:
            what = "must be a file in the lab's folder, or below it"
            raise DocumentError([Problem(str(scenario), 0, "file", name, what) for name in away])
        return ("lab.yaml", "scenario.yaml", *named)

    def lab(self, slug: str) -> Lab:
        """Read and check a lab.

        Raises
        ------
        UnknownLabError
            There is no such lab.
        simulators.DocumentError
            One of its files is malformed, or a lever or highlight does not fit the scenario.
        """
        folder = self.folder(slug)
        file = read(folder / "lab.yaml", LabFile)
        scenario = load_scenario(folder / "scenario.yaml")
        lab = Lab(slug, file, scenario, _digest(folder, self.files(slug)))
        _check_levers(lab, folder / "lab.yaml")
        _check_policies(lab, folder / "lab.yaml")
        return lab

    def graded(self, slug: str) -> Lab:
        """Read a lab as graders simulate it: with the data that its rubric holds out, where it does.

        Raises
        ------
        UnknownLabError
            There is no such lab.
        simulators.DocumentError
            One of its files is malformed, or what is held out is not there, or not fit, or in students' hands.
        """
        lab, rubric = self.lab(slug), self.rubric(slug)
        if not rubric.held_out:
            return lab
        folder = self.folder(slug)
        path = folder / "rubric.yaml"
        given = self.files(slug)
        for before, after in rubric.held_out.items():
            field = f"held_out.{before}"
            if before not in given:
                what = f"stands for {before}, which scenario.yaml does not name; give a file that it names"
                raise DocumentError([Problem(str(path), 0, field, after, what)])
            if after in given or not _inside(folder, after):
                what = "must be a file in the lab's folder, or below it, that scenario.yaml does not name"
                raise DocumentError([Problem(str(path), 0, field, after, what)])
        data = _with_files(read_mapping(folder / "scenario.yaml")[0], rubric.held_out)
        try:
            scenario = type(lab.scenario).model_validate(data, context={"folder": folder})
        except ValidationError as error:
            raise DocumentError(problems_of(error, str(path))) from error
        return replace(lab, scenario=scenario)

    def held_out(self, slug: str) -> tuple[str, ...]:
        """Return the files that graders alone have besides the rubric, below the lab's folder; raises like `rubric`."""
        return tuple(sorted(set(self.rubric(slug).held_out.values())))

    def rubric(self, slug: str) -> Rubric:
        """Read a lab's rubric, which only graders have.

        Raises
        ------
        UnknownLabError
            There is no such lab.
        simulators.DocumentError
            The rubric is missing or malformed.
        """
        return read(self.folder(slug) / "rubric.yaml", Rubric)

    def rubric_digest(self, slug: str) -> str:
        """Return the SHA-256 of a lab's ``rubric.yaml`` and of what it holds out, in hexadecimal."""
        return _digest(self.folder(slug), ("rubric.yaml", *self.held_out(slug)))

    def held_out_digest(self, slug: str) -> str:
        """Return the SHA-256 of the files that graders alone have besides the rubric; empty where there are none."""
        names = self.held_out(slug)
        return _digest(self.folder(slug), names) if names else ""


def _digest(folder: Path, names: Iterable[str]) -> str:
    sha = hashlib.sha256()
    for name in names:
        content = (folder / name).read_bytes()
        sha.update(f"{name} {len(content)}\n".encode())
        sha.update(content)
    return sha.hexdigest()


def _named_files(part: object) -> Iterator[str]:
    """Return what stands under ``file`` anywhere in a scenario: distributions and traces name their data so."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "file" and isinstance(value, str):
                yield value
            else:
                yield from _named_files(value)
    elif isinstance(part, list):
        for value in part:
            yield from _named_files(value)


def _with_files(part: Any, files: Mapping[str, str]) -> Any:  # noqa: ANN401 - a part of JSON-like data
    """Return a scenario that names other files."""
    if isinstance(part, dict):
        return {
            key: files.get(value, value) if key == "file" and isinstance(value, str) else _with_files(value, files)
            for key, value in part.items()
        }
    return [_with_files(value, files) for value in part] if isinstance(part, list) else part


def _inside(folder: Path, name: str) -> bool:
    path = (folder / name).resolve()
    return path.is_file() and path.is_relative_to(folder.resolve())


def _check_policies(lab: Lab, path: Path) -> None:
    """Refuse a lab that asks for policies where its simulator asks nobody."""
    points = simulator_of(lab.scenario).decisions
    problems = [
        Problem(str(path), 0, f"policies.{position}.point", slot.point, f"must be one of: {', '.join(points)}")
        for position, slot in enumerate(lab.policies)
        if slot.point not in points
    ]
    if problems:
        raise DocumentError(problems)


def _check_levers(lab: Lab, path: Path) -> None:
    """Apply every lever alone, at its most: a lab whose levers do not fit its scenario is not offered."""
    problems = []
    for position, lever in enumerate(lab.levers):
        field = f"levers.{position}"
        try:
            decisions.apply({lever.name: lever.maximum}, [lever], lab.scenario)
        except TargetError as error:
            problems.append(Problem(str(path), 0, f"{field}.target", lever.target, str(error)))
        except ValidationError as error:
            detail = error.errors()[0]
            what = f"at its maximum the scenario is not valid: {'.'.join(map(str, detail['loc']))}: {detail['msg']}"
            problems.append(Problem(str(path), 0, f"{field}.maximum", str(lever.maximum), what))
    known = [lever.name for lever in lab.levers]
    problems += [
        Problem(str(path), 0, f"levers.{position}.name", name, "stands at two levers; give each its own name")
        for position, name in enumerate(known)
        if name in known[:position]
    ]
    if problems:
        raise DocumentError(problems)
