"""On which machine of a swarm a student's files are.

A Docker volume stays on the machine on which it was made, and the engine would make an empty one of the same name on
another. So a student's sessions run where her first one ran. That is written down before a volume can come to be, and
where her machine is away she is told so, rather than given an empty home.
"""

import json
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from hub_config.errors import SwarmError
from hub_config.routing import hub_dir
from hub_config.swarm_machines import Machine, roomiest

__all__ = ["NOBODY", "NOT_MOVED", "HomeLedger", "homes_file"]


def homes_file(data_dir: Path) -> Path:
    """Name the file that holds whose files are on which machine."""
    return hub_dir(data_dir) / "swarm-homes.json"


class HomeLedger:
    """The file of who has her files where.

    Parameters
    ----------
    path
        The file: a JSON object of ``{"id": …, "name": …}`` of a machine, by the name of a volume. An administrator who
        has moved a volume may edit it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def knows(self, volume: str) -> bool:
        """Tell whether a machine is written down for a volume."""
        return volume in self._read()

    def settle(self, volume: str, machines: Sequence[Machine], found_on: str = "") -> Machine:
        """Find the machine that holds a volume, or choose one for it and write that down.

        Parameters
        ----------
        volume
            Name of the volume.
        machines
            Machines of the swarm.
        found_on
            Number of a machine which is known to hold the volume, as the hub's machine does since before it had a
            swarm; empty: none is. What is written down counts more.

        Returns
        -------
        Machine
            One that takes sessions now.

        Raises
        ------
        SwarmError
            When her machine takes no sessions now, or none does.
        """
        homes = self._read()
        ready = [machine for machine in machines if not machine.away]
        if known := homes.get(volume):
            for machine in ready:
                if machine.id == known["id"]:
                    return machine
            raise SwarmError(_home_away(known["name"]))
        if found_on:
            (chosen,) = (machine for machine in machines if machine.id == found_on)
            if chosen.away:
                raise SwarmError(_home_away(chosen.name))
        elif ready:
            chosen = roomiest(ready, Counter(home["id"] for home in homes.values()))
        else:
            raise SwarmError(NOBODY)
        self._write(homes | {volume: {"id": chosen.id, "name": chosen.name}})
        return chosen

    def _read(self) -> dict[str, dict[str, str]]:
        if not self._path.exists():
            return {}
        homes: dict[str, dict[str, str]] = json.loads(self._path.read_text(encoding="utf-8"))
        return homes

    def _write(self, homes: dict[str, dict[str, str]]) -> None:
        new = self._path.with_suffix(".new")
        with new.open("w", encoding="utf-8") as file:
            json.dump(homes, file, indent=1, sort_keys=True, ensure_ascii=False)
            file.flush()
            # Before a volume comes to be, also where the power fails between the two.
            os.fsync(file.fileno())
        new.replace(self._path)


NOBODY = (
    "现在没有可用的服务器。请告诉老师。 · "
    "No machine of the training base takes sessions just now. Tell your instructor."
)

NOT_MOVED = (
    "您的文件还没有搬到共享文件夹。文件没有丢失，请联系管理员。 · "
    "Your files have not been moved to the shared folder yet. They are not lost: tell your administrator."
)


def _home_away(name: str) -> str:
    return (
        f"您的文件在服务器 {name} 上，它现在不可用。文件没有丢失，请告诉老师。 · "
        f"Your files are on the machine {name}, which is away just now. They are not lost: tell your instructor."
    )
