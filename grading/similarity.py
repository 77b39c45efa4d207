"""How alike the work of a class is: policies by their structure, decisions by their values.

Policies are compared as winnowed fingerprints of their tokens, names left out, so that renaming and moving things
around does not hide a copy (Schleimer, Wilkerson & Aiken, "Winnowing: Local Algorithms for Document Fingerprinting",
SIGMOD 2003).
Being alike proves nothing: an instructor looks and asks.
"""

from __future__ import annotations

import hashlib
import io
import keyword
import tokenize
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from labs.policy import POLICY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Pair", "fingerprint", "pairs"]

_GRAM = 8
_WINDOW = 4
_SKIPPED = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENCODING, tokenize.ENDMARKER}


@dataclass(frozen=True)
class Pair:
    """Two learners whose work is alike.

    Parameters
    ----------
    first, second
        The learners, in order.
    share
        From 0 to 1: of the fingerprints that either has, how many both have (Jaccard); 1 for equal decisions.
    kind
        ``policy`` or ``decision``.
    """

    first: str
    second: str
    share: float
    kind: str


def fingerprint(source: str) -> frozenset[int]:
    r"""Return the fingerprints of a Python source.

    Examples
    --------
    >>> one = "def rule(waiting):\n    return min(range(len(waiting)), key=lambda i: waiting[i].due_s)\n"
    >>> renamed = one.replace("waiting", "queue").replace("rule", "pick")
    >>> fingerprint(one) == fingerprint(renamed)
    True
    """
    words = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type not in _SKIPPED:
                name = token.type == tokenize.NAME and not keyword.iskeyword(token.string)
                words.append("name" if name else token.string.strip() or tokenize.tok_name[token.type])
    except (tokenize.TokenError, IndentationError):
        pass  # what was read so far will do
    grams = [" ".join(words[at : at + _GRAM]) for at in range(max(1, len(words) - _GRAM + 1))]
    marks = [int.from_bytes(hashlib.blake2b(gram.encode(), digest_size=8).digest()) for gram in grams]
    return frozenset(min(marks[at : at + _WINDOW]) for at in range(max(1, len(marks) - _WINDOW + 1)))


def pairs(work: Mapping[str, Sequence[Mapping[str, Any]]], least: float, given: Sequence[str] = ()) -> list[Pair]:
    """Return the pairs of learners whose work is alike, the most alike first.

    Parameters
    ----------
    work
        Decisions of each learner.
    least
        Share from which a pair is told.
    given
        Code that the lab hands out: having that in common is no likeness.
    """
    found = []
    common = frozenset().union(*map(fingerprint, given))
    prints = {
        learner: [fingerprint(decision[POLICY]) - common for decision in decisions if POLICY in decision]
        for learner, decisions in work.items()
    }
    plain = {
        learner: {tuple(sorted(decision.items())) for decision in decisions if POLICY not in decision}
        for learner, decisions in work.items()
    }
    for first, second in combinations(sorted(work), 2):
        shares = [len(a & b) / len(a | b) for a in prints[first] for b in prints[second] if a | b]
        if shares and max(shares) >= least:
            found.append(Pair(first, second, max(shares), "policy"))
        # Doing nothing is nobody's idea.
        same = {decision for decision in plain[first] & plain[second] if any(value for _, value in decision)}
        if same:
            found.append(Pair(first, second, 1.0, "decision"))
    return sorted(found, key=lambda pair: (-pair.share, pair.first, pair.second))
