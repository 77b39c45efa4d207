"""A study as a notebook shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labs import display

if TYPE_CHECKING:
    from labs.display import Fragment
    from labs.lab import Lab
    from simulators import Study

__all__ = ["StudyView"]


class StudyView:
    """The highlights of a study, with their intervals.

    Parameters
    ----------
    study
        The study.
    lab
        Its lab, which says what the highlights are.
    language
        Of the text, ``zh`` or ``en``.
    """

    def __init__(self, study: Study, lab: Lab, language: str) -> None:
        self.study = study
        self._lab = lab
        self._language = language

    def _shown(self) -> Fragment:
        return display.estimates(self.study, self._lab.file.highlights, self._language)

    def _repr_html_(self) -> str:
        return self._shown().html

    def __repr__(self) -> str:
        """Return the highlights as plain text."""
        return self._shown().text
