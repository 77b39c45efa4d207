"""Shows how far something has come that lasts."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

from tqdm.auto import tqdm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from simulators import Text

    Progress: TypeAlias = Callable[[Text], AbstractContextManager[Callable[[float], None]]]

__all__ = ["Progress", "progress_in"]

PATIENCE_S = 1.0
"""What is done by then needs no bar."""


def progress_in(language: str | None = None) -> Progress:
    """Return what shows a bar, in a notebook or a terminal, as soon as something lasts longer than a second.

    Parameters
    ----------
    language
        ``zh`` or ``en``; None: both.

    Returns
    -------
    Takes what is being done, and gives a context in which the share that is behind can be told, 0 to 1.

    Examples
    --------
    >>> from simulators import Text
    >>> with progress_in("en")(Text(zh="推进", en="moving on")) as tell:
    ...     tell(0.5)
    """

    @contextmanager
    def shown(doing: Text) -> Iterator[Callable[[float], None]]:
        began_s = time.monotonic()
        bar: tqdm[Any] | None = None

        def tell(share: float) -> None:
            nonlocal bar
            if bar is None:  # a bar that nobody would see costs a notebook some widgets
                if time.monotonic() - began_s < PATIENCE_S:
                    return
                words = doing.in_language(language) if language else f"{doing.zh} · {doing.en}"
                bar = tqdm(total=100, desc=words, leave=False, bar_format="{desc} {percentage:3.0f}% |{bar}| {elapsed}")
            bar.update(100 * share - bar.n)

        try:
            yield tell
        finally:
            if bar is not None:
                bar.close()

    return shown
