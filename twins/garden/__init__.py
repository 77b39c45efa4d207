"""Classical gardens of Suzhou in three dimensions, by season and hour, with their visitors.

:func:`garden_scene` builds a window of a day; everything is drawn from the garden's plan alone.
"""

from twins.garden.day import busiest_s, garden_movers, garden_scene
from twins.garden.notes import garden_facts, garden_notes

__all__ = ["busiest_s", "garden_facts", "garden_movers", "garden_notes", "garden_scene"]
