"""Frames of a canvas that reach the screen, as Chromium's own trace tells.

Watching by a screencast would take half of the machine that it measures: every frame is read back and compressed. The
trace tells when the display has swapped, and a mark when something was drawn; a frame counts that follows a drawing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["MARKING", "presented_per_s"]

_SWAPPED = "Display::FrameDisplayed"
_DRAWN = "shixun-drawn"

MARKING = f"""
(() => {{
  let marked = false;
  for (const kind of [WebGLRenderingContext, WebGL2RenderingContext])
    for (const name of ["drawArrays", "drawElements", "drawArraysInstanced", "drawElementsInstanced"]) {{
      const draw = kind.prototype[name];
      if (!draw) continue;
      kind.prototype[name] = function (...given) {{
        if (!marked) {{
          marked = true;
          performance.mark("{_DRAWN}");
          requestAnimationFrame(() => {{ marked = false; }});
        }}
        return draw.apply(this, given);
      }};
    }}
}})();
"""
"""What a page must run before anything else: it marks the first drawing of each frame."""


def presented_per_s(browser: Browser, page: Page, watched_s: float) -> float:
    """Count the frames a second in which the screen shows a new drawing.

    Parameters
    ----------
    browser
        The browser of the page.
    page
        A page that has run :data:`MARKING`, its canvas in view.
    watched_s
        For how long.
    """
    browser.start_tracing(page=page, categories=["viz", "blink.user_timing"])
    page.wait_for_timeout(watched_s * 1000)
    told = json.loads(browser.stop_tracing())["traceEvents"]
    moments = sorted((each for each in told if each["name"] in (_SWAPPED, _DRAWN)), key=lambda each: each["ts"])
    presented, drawn = 0, False
    for each in moments:
        if each["name"] == _DRAWN:
            drawn = True
        else:
            presented, drawn = presented + drawn, False
    return presented / watched_s
