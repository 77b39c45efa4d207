// Name plates that always face the viewer, in one size all over the scene.

import { CanvasTexture, LinearFilter, SRGBColorSpace, Sprite, SpriteMaterial, Vector3 } from "three";

const FONT = "'Noto Sans CJK SC', 'Microsoft YaHei', 'PingFang SC', sans-serif";
const LETTER_PX = 56;
const SMALLEST_PX = 10, LARGEST_PX = 22;
const COVER = 0.85; // how near two plates may come, as a share of their size
const seen = new Vector3();
// In heights of a letter: free plate beside the text, from line to line, and the longest line that is not broken.
const MARGIN = 0.7, LINE = 1.25, LONGEST = 5.5;

/** Return a sprite for every label. */
export function makeLabels(labels, language) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = `${LETTER_PX}px ${FONT}`;
  const width = (text) => pen.measureText(text).width / LETTER_PX;
  const plates = labels.map((label) => {
    const lines = broken(label.text[language], width);
    return { label, lines, wide: Math.max(...lines.map(width)) + MARGIN };
  });
  const height = Math.min(...plates.map(({ label, wide }) => Math.min(label.height_m, label.width_m / wide)));
  return plates.map(({ label, lines, wide }) => {
    const tall = LINE * lines.length + 0.3;
    const sprite = new Sprite(
      new SpriteMaterial({ map: drawn(lines, wide, tall, label.color), transparent: true, depthTest: false, depthWrite: false }),
    );
    sprite.position.fromArray(label.at_m);
    sprite.userData.size_m = [wide * height, tall * height];
    sprite.userData.letter_m = height;
    sprite.renderOrder = 1;
    return sprite;
  });
}

/**
 * Keep letters readable: near ones no larger, far ones no smaller than so many pixels. Of plates that would cover one
 * another the nearest is shown, and none of which little is left in the picture.
 */
export function fitLabels(sprites, camera, height_px) {
  const half = Math.tan((camera.fov * Math.PI) / 360);
  const taken = [];
  camera.updateMatrixWorld();
  const away = (sprite) => camera.position.distanceToSquared(sprite.position);
  for (const sprite of [...sprites].sort((one, other) => away(one) - away(other))) {
    const { size_m: [wide, tall], letter_m } = sprite.userData;
    const pixels = height_px / (2 * half * Math.sqrt(away(sprite))); // of a metre there
    const fit = Math.min(Math.max(letter_m * pixels, SMALLEST_PX), LARGEST_PX) / (letter_m * pixels);
    sprite.scale.set(wide * fit, tall * fit, 1);
    seen.copy(sprite.position).project(camera);
    const plate = {
      x: (seen.x * height_px * camera.aspect) / 2,
      y: (seen.y * height_px) / 2,
      wide: wide * fit * pixels,
      tall: tall * fit * pixels,
    };
    const cut = Math.abs(plate.x) + plate.wide / 4 > (height_px * camera.aspect) / 2; // by the edge of the picture
    sprite.visible = seen.z < 1 && !cut && !taken.some((other) => cover(plate, other));
    if (sprite.visible) taken.push(plate);
  }
}

function cover(one, other) {
  return 2 * Math.abs(one.x - other.x) < COVER * (one.wide + other.wide) && 2 * Math.abs(one.y - other.y) < COVER * (one.tall + other.tall);
}

/** Break a long text in two at the space that leaves the shortest lines. */
function broken(text, width) {
  const spaces = [...text.matchAll(/ /g)].map((found) => found.index);
  if (width(text) <= LONGEST || spaces.length === 0) return [text];
  const middle = (at) => Math.abs(2 * at + 1 - text.length);
  const at = spaces.reduce((best, next) => (middle(next) < middle(best) ? next : best));
  return [text.slice(0, at), text.slice(at + 1)];
}

function drawn(lines, wide, tall, color) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil(wide * LETTER_PX);
  canvas.height = Math.ceil(tall * LETTER_PX);
  const pen = canvas.getContext("2d");
  pen.globalAlpha = 0.85;
  pen.fillStyle = color;
  pen.beginPath();
  pen.roundRect(0, 0, canvas.width, canvas.height, LETTER_PX * 0.18);
  pen.fill();
  pen.globalAlpha = 1;
  pen.fillStyle = "#ffffff";
  pen.font = `${LETTER_PX}px ${FONT}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  lines.forEach((line, number) => pen.fillText(line, canvas.width / 2, (LINE * (number + 0.5) + 0.17) * LETTER_PX));
  const texture = new CanvasTexture(canvas);
  texture.colorSpace = SRGBColorSpace;
  texture.minFilter = LinearFilter;
  texture.generateMipmaps = false;
  return texture;
}
