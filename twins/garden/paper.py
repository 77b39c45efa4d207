"""Colours of a garden's plan, as on paper."""

from __future__ import annotations

__all__ = ["COURT", "GROUND", "INK", "PAPER", "ROCK", "ROOF", "SHORE", "TREE", "WALL", "WATER", "WAY"]

PAPER, INK = "#fbfaf5", "#25302c"
GROUND, COURT, WAY, WALL = "#e9eddc", "#d9cfb8", "#cdbf9f", "#3c3c3c"
WATER, SHORE = "#bcd8dc", "#7fa9b0"
ROOF, ROCK, TREE = "#8d8f91", "#b9b4a6", "#7c9a62"
