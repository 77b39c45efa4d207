// Name plates on the page above the picture: sharp however few pixels that has.

import { Vector3 } from "three";
import { element } from "./elements.js";

const FONT = "'Noto Sans CJK SC', 'Microsoft YaHei', 'PingFang SC', sans-serif";
const MEASURED_PX = 56;
const SMALLEST_PX = 10, LARGEST_PX = 22;
const COVER = 0.85; // how near two plates may come, as a share of their size
const seen = new Vector3();
// In heights of a letter: free plate beside the text and above it, from line to line, and the longest line that is not broken.
const MARGIN = 0.7, ABOVE = 0.3, LINE = 1.25, LONGEST = 5.5;

export class Labels {
  /** Prepare the labels of a scene; `root` is to stand above its picture. */
  constructor(labels, language) {
    this.labels = labels;
    this.root = element("div", { className: "sx-plates", "aria-hidden": "true" });
    this.name(language);
  }

  /** Write them in a language. */
  name(language) {
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = `${MEASURED_PX}px ${FONT}`;
    const width = (text) => pen.measureText(text).width / MEASURED_PX;
    this.plates = this.labels.map(({ text, at_m, height_m, width_m, color }) => {
      const lines = broken(text[language], width);
      const wide = Math.max(...lines.map(width)) + MARGIN;
      const plate = element("div", { className: "sx-plate" }, lines.join("\n"));
      plate.style.setProperty("--plate", color);
      return { plate, at: new Vector3(...at_m), wide, tall: LINE * lines.length + ABOVE, letter_m: Math.min(height_m, width_m / wide) };
    });
    this.letter_m = Math.min(...this.plates.map(({ letter_m }) => letter_m));
    this.root.replaceChildren(...this.plates.map(({ plate }) => plate));
    this.seenFrom = "";
  }

  /**
   * Lay them where they are seen. Letters stay readable: near ones no larger, far ones no smaller than so many pixels.
   * Of plates that would cover one another the nearest is shown, and none of which little is left in the picture.
   */
  fit(camera, height_px) {
    camera.updateMatrixWorld();
    const seenFrom = [height_px, ...camera.matrixWorld.elements, ...camera.projectionMatrix.elements].join();
    if (seenFrom === this.seenFrom) return; // as in every frame in which only the plant moves
    this.seenFrom = seenFrom;
    const half = Math.tan((camera.fov * Math.PI) / 360);
    const away = ({ at }) => camera.position.distanceToSquared(at);
    const taken = [];
    for (const one of [...this.plates].sort((one, other) => away(one) - away(other))) {
      const pixels = height_px / (2 * half * Math.sqrt(away(one))); // of a metre there
      const letter = Math.min(Math.max(this.letter_m * pixels, SMALLEST_PX), LARGEST_PX);
      seen.copy(one.at).project(camera);
      const place = {
        x: (seen.x * height_px * camera.aspect) / 2,
        y: (seen.y * height_px) / 2,
        wide: one.wide * letter,
        tall: one.tall * letter,
      };
      const cut = Math.abs(place.x) + place.wide / 4 > (height_px * camera.aspect) / 2; // by the edge of the picture
      one.plate.hidden = seen.z >= 1 || cut || taken.some((other) => cover(place, other));
      if (one.plate.hidden) continue;
      taken.push(place);
      one.plate.style.fontSize = `${letter}px`;
      one.plate.style.transform = `translate(calc(${place.x.toFixed(1)}px - 50%), calc(${(-place.y).toFixed(1)}px - 50%))`;
    }
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
