"""What is made before the hub starts."""

from pathlib import Path

from hub_config.settings import HubSettings
from shixun.preparation import ensure_secret, make_data_dir, prepare_data


def test_the_secret_is_random_private_and_stays(tmp_path: Path) -> None:
    first, second = tmp_path / "1", tmp_path / "2"
    ensure_secret(first)
    ensure_secret(second)
    assert len(bytes.fromhex(first.read_text())) == 32
    assert first.read_text() != second.read_text()
    assert first.stat().st_mode & 0o777 == 0o600
    before = first.read_text()
    ensure_secret(first)
    assert first.read_text() == before


def test_the_data_folder_is_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    folder.mkdir(mode=0o755)
    make_data_dir(folder)
    prepare_data(HubSettings(data_dir=folder))
    open_to_others = [path for path in [folder, *folder.rglob("*")] if path.stat().st_mode & 0o077]
    assert open_to_others == []
