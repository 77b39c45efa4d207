"""A lab's notebooks: written as MyST Markdown, generated as .ipynb."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["LANGUAGES", "file_name", "generate"]

LANGUAGES = ("zh", "en")


def file_name(slug: str, language: str, version: str = "") -> str:
    """Return the name of a lab's generated notebook, by which a student tells the tabs of two labs apart.

    The language comes first, because lists of files cut long names short.

    Parameters
    ----------
    slug
        The lab.
    language
        One of `LANGUAGES`.
    version
        Of the lab, where a student's own notebook lies beside it.

    Examples
    --------
    >>> file_name("pcb-bottleneck", "zh"), file_name("pcb-bottleneck", "en", "1.1.0")
    ('zh-pcb-bottleneck.ipynb', 'en-pcb-bottleneck-1.1.0.ipynb')
    """
    return "-".join([language, slug, *([version] if version else [])]) + ".ipynb"


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
