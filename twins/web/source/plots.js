// Series drawn as lines, one below the other over the same time, with the present marked.

import { clockText } from "./clock.js";
import { element, shape } from "./elements.js";
import { array } from "./parcel.js";
import { unitName } from "./words.js";

const WIDE = 320, HIGH = 88, LEFT = 4, RIGHT = 4, BOTTOM = 4;
const TOP = 20; // the highest value stands above its line
const COLORS = ["#17629e", "#b3303f", "#12805c", "#8b5cf6", "#b35c00", "#3b5566"];

export class Plots {
  /** Prepare the series of a parcel; `seek` is called with the time that is clicked on, null where there is no going. */
  constructor(parcel, language, seek) {
    this.root = element("div", { className: "sx-plots" });
    this.seek = seek;
    this.language = language;
    this.learn(parcel);
  }

  /** Take other series: of a live plant as it goes on. */
  learn({ head, block }) {
    this.start_s = head.start_s;
    this.span_s = head.end_s - head.start_s;
    this.series = (head.series ?? []).map((series) => ({
      ...series,
      time: array(block, series.time),
      value: array(block, series.value),
    }));
    const known = this.rows?.length === this.series.length && this.rows.every(({ name }, at) => name.en === this.series[at].name.en);
    if (known) this.rows.forEach((row, at) => this.fill(row, this.series[at]));
    else this.name(this.language);
  }

  /** Write names and axes in a language. */
  name(language) {
    this.language = language;
    this.rows = this.series.map((series, number) => this.row(series, COLORS[number % COLORS.length]));
    this.root.replaceChildren(...this.rows.map((row) => row.root));
  }

  row(series, color) {
    const way = shape("path", { fill: "none", stroke: color, "stroke-width": 1.6, "vector-effect": "non-scaling-stroke" });
    const cursor = shape("path", { stroke: "#17324d", "stroke-width": 1.2, d: "" });
    const drawing = shape(
      "svg",
      { viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", "aria-hidden": "true" },
      shape("path", { d: `M${LEFT} ${HIGH - BOTTOM}H${WIDE - RIGHT}M${LEFT} ${TOP}H${WIDE - RIGHT}`, class: "sx-grid" }),
      way,
      cursor,
    );
    if (this.seek) {
      drawing.classList.add("sx-sought");
      drawing.addEventListener("click", (event) => {
        const { left, width } = drawing.getBoundingClientRect();
        this.seek(((event.clientX - left) / width) * this.span_s);
      });
    }
    const now = element("output", {});
    const head = element("div", { className: "sx-plot-head" }, element("span", {}, series.name[this.language]), now);
    const top = element("span", { className: "sx-plot-top" });
    const row = { root: element("figure", { className: "sx-plot" }, head, top, drawing), name: series.name, way, cursor, now, top };
    this.fill(row, series);
    return row;
  }

  fill(row, series) {
    const high = Math.max(...series.value, 1e-9);
    const y = (value) => HIGH - BOTTOM - ((HIGH - TOP - BOTTOM) * value) / high;
    let way = "";
    series.value.forEach((value, at) => {
      way += `${at ? "L" : "M"}${this.x(series.time[at]).toFixed(1)} ${y(value).toFixed(1)}`;
    });
    row.way.setAttribute("d", way);
    row.series = series;
    row.top.textContent = text(high, series.unit, this.language);
  }

  x(time) {
    return LEFT + ((WIDE - LEFT - RIGHT) * time) / this.span_s;
  }

  /** Mark a time of the plant, in seconds. */
  mark(plant_s) {
    const time_s = Math.min(plant_s - this.start_s, this.span_s);
    for (const { series, cursor, now } of this.rows) {
      cursor.setAttribute("d", `M${this.x(time_s).toFixed(1)} 0V${HIGH}`);
      const at = last(series.time, time_s);
      now.value = at < 0 ? "–" : text(series.value[at], series.unit, this.language);
      now.title = clockText(plant_s);
    }
  }
}

/** Return the number of the last time that is not later, or -1. */
export function last(times, time_s) {
  let low = 0, high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= time_s) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function text(value, unit, language) {
  if (unit === "%" || unit === "1") return `${(unit === "1" ? value * 100 : value).toFixed(0)} %`;
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${unitName(unit, language)}`;
}
