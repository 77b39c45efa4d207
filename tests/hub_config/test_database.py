"""The hub's own database."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine, event

from hub_config import database


@pytest.fixture(autouse=True)
def _forgotten_afterwards() -> object:
    yield
    event.remove(Engine, "connect", database._set_up)


def test_what_the_hub_commits_is_appended_to_a_log(tmp_path: Path) -> None:
    database.write_ahead()
    database.write_ahead()  # a configuration may be read twice
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'hub.sqlite'}")
    with engine.begin() as connection:
        assert connection.scalar(sa.text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(sa.text("PRAGMA synchronous")) == 1
        connection.execute(sa.text("CREATE TABLE people (name TEXT)"))
        connection.execute(sa.text("INSERT INTO people VALUES ('li')"))
    # Another process that opens it while this one still runs finds what was committed.
    other = sa.create_engine(f"sqlite:///{tmp_path / 'hub.sqlite'}")
    with other.connect() as connection:
        assert connection.scalar(sa.text("SELECT name FROM people")) == "li"
    engine.dispose()
    other.dispose()
