"""The programs that draw a scene on the graphics processor (GLSL ES 1.0, as three.js wants it).

All meshes hang on one invisible object, the clock. Its height is the time in seconds from the window's start and its
depth scale is the speed, so a running clock moves everything without a word from the kernel. ``FLOOR`` stands for the
height of the floor.
"""

__all__ = ["FRAGMENT", "MOVING_VERTEX", "STILL_VERTEX"]

STILL_VERTEX = """
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

MOVING_VERTEX = """
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
    u = u * u * (3.0 - 2.0 * u);
    vec3 a = vec3(fromX, fromY, fromZ), b = vec3(toX, toY, toZ);
    float first = abs(crossX - a.x), middle = length(b.yz - a.yz), last = abs(b.x - crossX);
    float way = u * (first + middle + last);
    vec3 at;
    if (way < first) at = vec3(mix(a.x, crossX, way / max(first, 1e-6)), a.yz);
    else if (way < first + middle) at = vec3(crossX, mix(a.yz, b.yz, (way - first) / max(middle, 1e-6)));
    else at = vec3(mix(crossX, b.x, (way - first - middle) / max(last, 1e-6)), b.yz);
    float swing = max(effect, 0.0);
    at.x += swing * sin(viewer * 3.1 + a.x * 5.0);
    at.y += 0.12 * swing * sin(viewer * 9.7);
    at.z += 0.35 * swing * sin(viewer * 4.3 + a.x);
    vec3 color = vec3(floor(tint / 65536.0), mod(floor(tint / 256.0), 256.0), mod(tint, 256.0)) / 255.0;
    float bright = effect < -0.5 ? 0.76 + 0.24 * sin(viewer * 7.0) : 1.0;
    vPaint = vec4(paint.rgb * color * bright, paint.a);
    vNormal = normal;
    vPlace = position + at;
    gl_Position = projectionMatrix * viewMatrix * vec4(vPlace, 1.0);
}
"""

FRAGMENT = """
varying vec4 vPaint;
varying vec3 vNormal, vPlace;
void main() {
    vec3 n = normalize(vNormal);
    vec3 sun = normalize(vec3(-0.45, 0.85, 0.50));
    vec3 eye = normalize(cameraPosition - vPlace);
    float sky = 0.5 + 0.5 * n.y;
    float shine = pow(max(dot(n, normalize(sun + eye)), 0.0), 48.0) * 0.16;
    vec3 light = mix(vec3(0.66, 0.69, 0.75), vec3(0.80, 0.82, 0.84), sky);
    light += vec3(0.30, 0.28, 0.25) * max(dot(n, sun), 0.0);
    float corner = mix(0.78, 1.0, smoothstep(0.0, 0.55, vPlace.y - FLOOR + n.y));
    vec3 lit = vPaint.rgb * light * corner + shine;
    gl_FragColor = vec4(mix(lit, vPaint.rgb, vPaint.a), 1.0);
}
"""
