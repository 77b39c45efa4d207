"""The page of settings follows the code."""

from pathlib import Path

from hub_config.settings import known_variables
from shixun.composition import SETTINGS
from shixun.settings_table import settings_page

PAGE = Path(__file__).parents[2] / "docs/settings.md"


def test_the_page_is_what_the_code_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == settings_page(SETTINGS), "run: shixun settings docs docs/settings.md"


def test_every_setting_is_on_the_page_once() -> None:
    page = settings_page(SETTINGS)
    for variable in known_variables(field for owner in SETTINGS for field in owner.model_fields):
        assert page.count(f"| `{variable}` |") == 1
