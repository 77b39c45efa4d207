"""A lab's notebooks: written as MyST Markdown, generated as .ipynb."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["LANGUAGES", "generate"]

LANGUAGES = ("zh", "en")


def generate(source: Path) -> str:
    """Return the .ipynb text of a MyST notebook; the same source always gives the same text.

    Parameters
    ----------
    source
        ``notebook.zh.md`` or ``notebook.en.md``.

    Raises
    ------
    simulators.DocumentError
        The file is missing or holds no code cell.
    """
    import jupytext

    from simulators import DocumentError, Problem

    try:
        text = source.read_text(encoding="utf-8")
    except OSError as error:
        raise DocumentError([Problem(str(source), 0, "", "", f"cannot be read: {error.strerror}")]) from error
    notebook = jupytext.reads(text, fmt="md:myst")
    if not any(cell.cell_type == "code" for cell in notebook.cells):
        message = "holds no code cell; write MyST with ```{code-cell} python"
        raise DocumentError([Problem(str(source), 1, "", "", message)])
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"  # jupytext draws them at random
    written: str = jupytext.writes(notebook, fmt="ipynb")
    return written + "\n"
