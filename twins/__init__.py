"""Digital twins: a plant followed in time and seen in three dimensions.

:func:`show` replays a run of a simulator in a notebook; :func:`gantt`, :func:`bottlenecks` and :func:`plan` draw charts
of it. :func:`scene_of` builds its scene, and :func:`write_glb` writes that as a film.
"""

from twins.bottleneck_chart import bottlenecks
from twins.errors import MomentError, NoChartError, NoSceneError, RendererError, TwinError, WindowError
from twins.gantt_chart import gantt
from twins.gltf import write_glb
from twins.picture import Picture
from twins.plans import plan
from twins.showing import scene_of, show
from twins.twin import Twin

__all__ = [
    "MomentError",
    "NoChartError",
    "NoSceneError",
    "Picture",
    "RendererError",
    "Twin",
    "TwinError",
    "WindowError",
    "bottlenecks",
    "gantt",
    "plan",
    "scene_of",
    "show",
    "write_glb",
]
