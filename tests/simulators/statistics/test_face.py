from __future__ import annotations

from simulators import SimulatorError, statistics


def test_the_face_is_sorted_and_whole() -> None:
    names = statistics.__all__
    assert all(hasattr(statistics, name) for name in names)
    assert [n for n in names if n[0].isupper()] + [n for n in names if n[0].islower()] == names
    assert sorted(names) == names


def test_one_tree_of_errors() -> None:
    for error in (statistics.RunLongerError, statistics.SampleError, statistics.SettingError):
        assert issubclass(error, statistics.StatisticsError)
    assert issubclass(statistics.StatisticsError, SimulatorError)
    assert issubclass(statistics.StatisticsError, ValueError)
