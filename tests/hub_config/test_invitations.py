"""Invitations."""

from pathlib import Path

from hub_config.invitations import Invitations, invitations_file


def test_a_code_is_good_once_for_its_owner_only(tmp_path: Path) -> None:
    invitations = Invitations(invitations_file(tmp_path))
    codes = invitations.issue(["anne", "bert"])
    assert invitations.invited() == {"anne", "bert"}
    assert not invitations.redeem("bert", codes["anne"])
    assert not invitations.redeem("anne", "")
    assert invitations.redeem("anne", f" {codes['anne'].upper()} ")
    assert not invitations.redeem("anne", codes["anne"])
    assert invitations.invited() == {"bert"}


def test_a_code_ends_with_its_days_and_with_the_next(tmp_path: Path) -> None:
    invitations = Invitations(invitations_file(tmp_path))
    old = invitations.issue(["anne"])["anne"]
    late = invitations.issue(["bert"], days=-1)["bert"]
    new = invitations.issue(["anne"])["anne"]
    assert not invitations.redeem("bert", late)
    assert not invitations.redeem("anne", old)
    assert invitations.redeem("anne", new)


def test_the_file_holds_no_code_and_is_closed_to_others(tmp_path: Path) -> None:
    path = invitations_file(tmp_path)
    code = Invitations(path).issue(["anne"])["anne"]
    assert code not in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
