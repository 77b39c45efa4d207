"""The programs that draw a scene on the graphics processor (GLSL ES 1.0, which old and new three.js take alike).

All meshes hang on one invisible object, the clock. Its height is the time in seconds from the window's start and its
depth scale is the speed, so a running clock moves everything without a word from the kernel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from twins.shapes import rgb

if TYPE_CHECKING:
    from collections.abc import Iterable

    from twins.scene import Light

__all__ = ["INSTANCED", "Programs", "programs"]

NO_WATER_M = 1e6
INSTANCED = (
    *("fromX", "fromY", "fromZ", "toX", "toY", "toZ"),
    *("crossX", "appear", "arrive", "vanish", "tint", "effect"),
)
"""Names of the attributes that hold one number for each copy."""


@dataclass(frozen=True)
class Programs:
    """Vertex and fragment programs of one scene.

    Parameters
    ----------
    still, mirrored, lanes, straight, water
        Vertex programs: of what never moves, of its image in the water, of movers on either kind of path, of ponds.
    fragment, dry_fragment, mirrored_fragment, water_fragment
        Fragment programs: of all that moves, of what never moves, of its image, and of ponds.
    """

    still: str
    mirrored: str
    lanes: str
    straight: str
    water: str
    fragment: str
    dry_fragment: str
    mirrored_fragment: str
    water_fragment: str


def programs(light: Light, floor_m: float, water_m: float | None = None) -> Programs:
    """Write the programs for a scene's light.

    Parameters
    ----------
    light
        Sun, sky and haze.
    floor_m
        Height of the floor, whose neighbourhood is darker.
    water_m
        Height of the ponds; None where there are none.
    """
    sun = np.asarray(light.sun) / np.linalg.norm(light.sun)
    constants = {
        "SUN": sun,
        "SUN_COLOR": rgb(light.sun_color),
        "SKY_COLOR": rgb(light.sky_color),
        "GROUND_COLOR": rgb(light.ground_color),
        "HAZE_COLOR": rgb(light.haze_color),
    }
    head = "".join(f"const vec3 {name} = vec3({_numbers(value)});\n" for name, value in constants.items())
    head += f"const float FLOOR = {floor_m:.6f};\n"
    head += f"const float GLOSS = {light.gloss:.6f};\n"
    head += f"const vec2 HAZE_M = vec2({_numbers((light.haze_from_m, light.haze_to_m))});\n"
    level = f"const float WATER = {-NO_WATER_M if water_m is None else water_m:.6f};\n"
    return Programs(
        still=_STILL,
        mirrored=level + _MIRRORED,
        lanes=_MOVING.replace("PATH", _LANES),
        straight=_MOVING.replace("PATH", _STRAIGHT),
        water=_WATER,
        fragment=head + _HAZE + _LIT.replace("CUT", ""),
        dry_fragment=head + level + _HAZE + _LIT.replace("CUT", "" if water_m is None else _BELOW),
        mirrored_fragment=head + level + _HAZE + _LIT.replace("CUT", _BELOW),
        water_fragment=head + _HAZE + _RIPPLING,
    )


def _numbers(values: Iterable[float]) -> str:
    return ", ".join(f"{value:.6f}" for value in values)


_STILL = """
attribute vec4 paint;
varying vec4 vPaint;
varying vec3 vNormal, vPlace;
void main() {
    vPaint = paint;
    vNormal = normal;
    vPlace = position;
    gl_Position = projectionMatrix * viewMatrix * vec4(position, 1.0);
}
"""

# The image of a thing at rest in the water, which trembles the more the further it is from the shore line.
_MIRRORED = """
attribute vec4 paint;
varying vec4 vPaint;
varying vec3 vNormal, vPlace;
void main() {
    float viewer = modelMatrix[3].y / max(modelMatrix[2].z, 0.001);
    vPaint = paint;
    vNormal = normal;
    vPlace = position;
    float high = position.y - WATER;
    vec3 image = vec3(position.x, WATER - high, position.z);
    float tremble = paint.a > 0.999 ? 0.0 : 0.012 * min(high, 6.0);
    image.x += tremble * sin(viewer * 1.7 + high * 5.0 + position.z);
    image.y += 0.5 * tremble * sin(viewer * 2.3 + high * 7.0);
    gl_Position = projectionMatrix * viewMatrix * vec4(image, 1.0);
}
"""

_MOVING = """
attribute vec4 paint;
attribute float fromX, fromY, fromZ, toX, toY, toZ, crossX, appear, arrive, vanish, tint, effect;
varying vec4 vPaint;
varying vec3 vNormal, vPlace;
void main() {
    float time = modelMatrix[3].y;
    float viewer = time / max(modelMatrix[2].z, 0.001);
    if (time < appear || time >= vanish) {
        gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
        return;
    }
    float u = arrive > appear ? clamp((time - appear) / (arrive - appear), 0.0, 1.0) : 1.0;
    vec3 a = vec3(fromX, fromY, fromZ), b = vec3(toX, toY, toZ);
    vec3 at, place = position, facing = normal;
    PATH
    float swing = max(effect, 0.0);
    at.x += swing * sin(viewer * 3.1 + a.x * 5.0);
    at.y += 0.12 * swing * sin(viewer * 9.7);
    at.z += 0.35 * swing * sin(viewer * 4.3 + a.x);
    vec3 color = vec3(floor(tint / 65536.0), mod(floor(tint / 256.0), 256.0), mod(tint, 256.0)) / 255.0;
    float bright = effect < -0.5 ? 0.76 + 0.24 * sin(viewer * 7.0) : 1.0;
    vPaint = vec4(paint.rgb * color * bright, paint.a);
    vNormal = facing;
    vPlace = place + at;
    gl_Position = projectionMatrix * viewMatrix * vec4(vPlace, 1.0);
}
"""

_LANES = """
    u = u * u * (3.0 - 2.0 * u);
    float first = abs(crossX - a.x), middle = length(b.yz - a.yz), last = abs(b.x - crossX);
    float way = u * (first + middle + last);
    if (way < first) at = vec3(mix(a.x, crossX, way / max(first, 1e-6)), a.yz);
    else if (way < first + middle) at = vec3(crossX, mix(a.yz, b.yz, (way - first) / max(middle, 1e-6)));
    else at = vec3(mix(crossX, b.x, (way - first - middle) / max(last, 1e-6)), b.yz);
"""

_STRAIGHT = """
    at = mix(a, b, u);
    float far = length(b.xz - a.xz);
    vec2 way = far > 1e-5 ? (b.xz - a.xz) / far : vec2(1.0, 0.0);
    place = vec3(place.x * way.x - place.z * way.y, place.y, place.x * way.y + place.z * way.x);
    facing = vec3(facing.x * way.x - facing.z * way.y, facing.y, facing.x * way.y + facing.z * way.x);
"""

# A sky dome shines wholly by itself; haze would swallow it.
_HAZE = """
vec3 hazed(vec3 color, float away, float glow) {
    return mix(color, HAZE_COLOR, glow > 0.999 ? 0.0 : smoothstep(HAZE_M.x, HAZE_M.y, away));
}
"""

# Nothing that stands in the water is seen below its face, and its image begins there.
_BELOW = "if (vPlace.y < WATER - 0.01) discard;"

# Highlights by Blinn's half vector to the 48th power, multiplied out: without a graphics processor every pixel counts.
_LIT = """
varying vec4 vPaint;
varying vec3 vNormal, vPlace;
void main() {
    CUT
    vec3 n = normalize(vNormal);
    vec3 eye = cameraPosition - vPlace;
    float square = dot(eye, eye);
    float near = inversesqrt(square);
    vec3 between = SUN + eye * near;
    float close = max(dot(n, between) * inversesqrt(dot(between, between)), 0.0);
    float close4 = close * close * close * close;
    float close16 = close4 * close4 * close4 * close4;
    float shine = close16 * close16 * close16 * GLOSS;
    vec3 light = mix(GROUND_COLOR, SKY_COLOR, 0.5 + 0.5 * n.y) + SUN_COLOR * max(dot(n, SUN), 0.0);
    float corner = mix(0.78, 1.0, smoothstep(0.0, 0.55, vPlace.y - FLOOR + n.y));
    vec3 lit = vPaint.rgb * light * corner + shine;
    gl_FragColor = vec4(hazed(mix(lit, vPaint.rgb, vPaint.a), square * near, vPaint.a), 1.0);
}
"""

_WATER = """
attribute vec3 sheen, deep;
varying vec3 vSheen, vDeep, vPlace;
varying float vTime;
void main() {
    vTime = modelMatrix[3].y / max(modelMatrix[2].z, 0.001);
    vSheen = sheen;
    vDeep = deep;
    vPlace = position;
    gl_Position = projectionMatrix * viewMatrix * vec4(position, 1.0);
}
"""

# Slopes of six crossing trains of waves; far away they are finer than a pixel and would only flicker, so they calm
# down. Reflectance by Schlick's approximation of Fresnel's formula, 0.02 where one looks straight down. What is
# reflected has been drawn already, upside down below the water, and shines through.
_RIPPLING = """
varying vec3 vSheen, vDeep, vPlace;
varying float vTime;
vec2 slope(vec2 at, vec2 way, float steep, float pace) {
    return way * steep * cos(dot(at, way) + vTime * pace);
}
void main() {
    vec2 at = vPlace.xz;
    vec2 tilt = slope(at, vec2(1.3, 0.7), 0.018, 0.9) + slope(at, vec2(-0.9, 1.9), 0.014, 1.2)
        + slope(at, vec2(2.9, -2.3), 0.008, 1.7) + slope(at, vec2(-3.1, -4.7), 0.006, 2.3)
        + slope(at, vec2(6.1, 5.3), 0.004, 3.1) + slope(at, vec2(-8.9, 4.1), 0.003, 3.7);
    float away = distance(cameraPosition, vPlace);
    vec3 n = normalize(vec3(-tilt.x, 1.0 + away * 0.012, -tilt.y));
    vec3 eye = normalize(cameraPosition - vPlace);
    float mirror = 0.02 + 0.98 * pow(1.0 - max(dot(n, eye), 0.0), 5.0);
    float glint = pow(max(dot(reflect(-eye, n), SUN), 0.0), 220.0);
    vec3 light = SKY_COLOR + SUN_COLOR * 0.5;
    float crest = clamp(0.5 + 3.0 * (tilt.x + tilt.y), 0.0, 1.0);
    vec3 body = mix(vDeep, vSheen, 0.10 + 0.14 * crest) * light + SUN_COLOR * glint * 2.2;
    float seen = clamp(0.30 + 1.1 * mirror - 0.10 * crest, 0.0, 0.88);
    gl_FragColor = vec4(hazed(body, away, 0.0), clamp(1.0 - seen + glint, 0.0, 1.0));
}
"""
