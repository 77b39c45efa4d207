"""Digital twins: a plant followed in time and seen in three dimensions.

:func:`show` replays a run of a simulator in a notebook; :func:`gantt` and :func:`bottlenecks` draw charts of it.
"""

from twins.bottleneck_chart import bottlenecks
from twins.errors import NoChartError, NoSceneError, RendererError, TwinError, WindowError
from twins.gantt_chart import gantt
from twins.picture import Picture
from twins.showing import show
from twins.twin import Twin

__all__ = [
    "NoChartError",
    "NoSceneError",
    "Picture",
    "RendererError",
    "Twin",
    "TwinError",
    "WindowError",
    "bottlenecks",
    "gantt",
    "show",
]
