"""What grows: from a species' name to the form in which it is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from simulators.heritage_garden.parts import Tree

__all__ = ["Form", "form_of"]

Form: TypeAlias = Literal["broad", "evergreen", "pine", "bamboo", "willow", "maple", "flowering", "ginkgo", "wisteria"]

WORDS: tuple[tuple[Form, tuple[str, ...]], ...] = (
    ("bamboo", ("bamboo", "竹")),
    ("pine", ("pine", "cypress", "podocarpus", "fir", "松", "柏")),
    ("willow", ("willow", "柳")),
    ("maple", ("maple", "sweet gum", "枫香", "槭", "红枫", "青枫")),
    ("ginkgo", ("ginkgo", "银杏")),
    ("wisteria", ("wisteria", "紫藤")),
    (
        "flowering",
        ("crab", "plum", "peach", "cherry", "apricot", "peony", "海棠", "梅", "桃", "樱", "杏", "芍药", "牡丹"),
    ),
    ("evergreen", ("camphor", "osmanthus", "magnolia", "loquat", "privet", "桂", "樟", "玉兰", "枇杷", "女贞")),
)
"""Words in a species' name, in either language; the first that fits decides."""


def form_of(tree: Tree) -> Form:
    """Return how a tree is drawn: as a broadleaf where its species says nothing else."""
    if tree.species is None:
        return "broad"
    name = f"{tree.species.zh} {tree.species.en}".lower()
    return next((form for form, words in WORDS if any(word in name for word in words)), "broad")
