"""Digital twins: a plant followed in time and seen in three dimensions.

:func:`show` replays a run of a simulator in a notebook.
"""

from twins.errors import NoSceneError, TwinError, WindowError
from twins.showing import show

__all__ = ["NoSceneError", "TwinError", "WindowError", "show"]
