"""Simulated times as people write them."""

__all__ = ["clock_text"]


def clock_text(time_s: float) -> str:
    """Return a simulated time as ``h:mm:ss``.

    Examples
    --------
    >>> clock_text(3661.4)
    '1:01:01'
    """
    seconds = int(time_s)
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
