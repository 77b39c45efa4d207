"""The page of settings, generated from their classes."""

from collections.abc import Iterable

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from hub_config.settings import known_variables

_HEAD = """\
# Settings

Every setting is an environment variable; an unknown one that begins with `SHIXUN_` is refused at start. This page is
written by `shixun settings docs`, and a test holds it equal to the code.

| variable | default | allowed | meaning |
| --- | --- | --- | --- |
"""


def settings_page(owners: Iterable[type[BaseSettings]]) -> str:
    """Write the page of settings.

    Parameters
    ----------
    owners
        The settings classes; the first that has a field describes it.

    Returns
    -------
    str
        Markdown.
    """
    fields: dict[str, FieldInfo] = {}
    for owner in owners:
        for name, field in owner.model_fields.items():
            fields.setdefault(name, field)
    return _HEAD + "".join(_row(name, field) for name, field in fields.items())


def _row(name: str, field: FieldInfo) -> str:
    (variable,) = known_variables([name])
    default = "" if field.default in (None, "") else f"`{field.default}`"
    meaning = " ".join((field.description or "").split()).replace("|", "\\|")
    return f"| `{variable}` | {default} | {_allowed(field)} | {meaning} |\n"


def _allowed(field: FieldInfo) -> str:
    """Word a field's bounds, from its type and its metadata."""
    choices = getattr(field.annotation, "__args__", ())
    if choices and all(isinstance(choice, str) for choice in choices):
        return ", ".join(f"`{choice}`" for choice in choices)
    words = []
    for bound in field.metadata:
        for name, word in (("ge", "≥"), ("gt", ">"), ("le", "≤"), ("lt", "<")):
            if (value := getattr(bound, name, None)) is not None:
                words.append(f"{word} {value:g}")
        if pattern := getattr(bound, "pattern", None):
            words.append(f"`{pattern}`")
    return ", ".join(words)
