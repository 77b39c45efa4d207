"""Passwords and codes that people copy by hand."""

import secrets

__all__ = ["draw_code"]

# Letters and digits that nobody mistakes for one another when copying from a terminal or from paper.
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"


def draw_code() -> str:
    """Draw four groups of four characters: 80 bits."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))
