// A scene with everything around it: play and pause, speed, time, names to inspect, plots.

import { Clock, clockText } from "./clock.js";
import { element } from "./elements.js";
import { Haste } from "./haste.js";
import { Plan } from "./plan.js";
import { Plots } from "./plots.js";
import { Stage } from "./stage.js";
import { Things } from "./things.js";
import css from "./twin.css";
import { say } from "./words.js";

const SPEEDS = [1, 2, 5, 10, 20, 60, 200, 600];
const STEP_S = 10;
const TURN = 0.06, NEARER = 0.9;
const LONGEST_FRAME_S = 0.25; // a page that was hidden does not jump when it is seen again
const CLICK_PX = 5;

export class Player {
  /**
   * Show a parcel in an element.
   * @param root where
   * @param parcel {head, block}
   * @param language "zh" or "en"
   * @param heard called with {playing, time_s, chosen} when somebody has pressed something
   */
  constructor(root, parcel, language, heard = () => {}) {
    this.parcel = parcel;
    this.language = language;
    this.heard = heard;
    this.clock = new Clock(parcel.head.end_s - parcel.head.start_s, parcel.head.speed);
    this.start_s = parcel.head.start_s; // of what is drawn; it moves on where a live plant is shown
    this.waiting = true;
    this.frames = 0;
    this.build(root);
    this.stage = new Stage(this.canvas, parcel, language, () => this.wake());
    this.root.classList.toggle("sx-software", this.stage.bySoftware); // round corners cost a tenth of every frame
    this.haste = new Haste(this.stage);
    this.things = new Things(parcel, language, (number) => {
      this.stage.markTarget(number);
      this.plan?.mark();
      this.wake();
    }, () => this.tell());
    const { live, targets } = parcel.head;
    this.plots = new Plots(parcel, language, live ? null : (time_s) => this.seek(time_s));
    this.side.append(this.things.root, this.plots.root);
    this.side.hidden = !live && targets.length === 0 && this.plots.series.length === 0;
    this.watch();
    this.name();
    this.wake();
  }

  build(root) {
    this.canvas = element("canvas", { tabIndex: 0, role: "img" });
    this.toggle = element("button", { type: "button", className: "sx-toggle", onclick: () => this.play(!this.clock.playing) });
    this.again = element("button", { type: "button", onclick: () => this.seek(0) }, "|◀");
    this.above = element("button", { type: "button", onclick: () => this.look() });
    this.speed = element("select", { onchange: () => this.hurry(Number(this.speed.value)) },
      ...SPEEDS.map((speed) => element("option", { value: speed, selected: speed === this.clock.speed }, `${speed}×`)));
    this.speedName = element("label", {}, element("span"), this.speed);
    this.slider = element("input", { type: "range", min: 0, max: this.clock.span_s, step: 1, value: 0,
      oninput: () => this.seek(Number(this.slider.value)) });
    this.readout = element("output", { className: "sx-clock" });
    this.bar = element("div", { className: "sx-bar" }, this.toggle, this.again, this.speedName, this.slider, this.readout, this.above);
    this.keys = element("p", { className: "sx-keys" });
    this.hint = element("div", { className: "sx-hint", hidden: true });
    this.frame = element("div", { className: "sx-frame" }, this.canvas, this.hint);
    this.side = element("div", { className: "sx-side" });
    this.notes = element("div", { className: "sx-notes" });
    this.main = element("div", { className: "sx-main" }, this.frame, this.bar, this.keys, this.notes);
    // A notebook leaves the keys to what carries this mark.
    this.root = element("section", { className: "sx-twin", "data-lm-suppress-shortcuts": "true" }, element("style", {}, css), this.main, this.side);
    root.replaceChildren(this.root);
  }

  watch() {
    this.sizes = new ResizeObserver(([{ contentRect }]) => {
      if (contentRect.width < 1 || contentRect.height < 1) return;
      this.stage.resize(contentRect.width, contentRect.height);
      this.draw();
    });
    this.sizes.observe(this.frame);
    this.sight = new IntersectionObserver(([{ isIntersecting }]) => {
      this.stage.seat.see(isIntersecting);
      this.wake();
    });
    this.sight.observe(this.frame);
    let down = null;
    this.canvas.addEventListener("pointerdown", (event) => {
      down = [event.offsetX, event.offsetY];
    });
    this.canvas.addEventListener("pointerup", (event) => {
      if (!down || Math.hypot(event.offsetX - down[0], event.offsetY - down[1]) > CLICK_PX) return;
      this.inspect(this.stage.targetAt(event.offsetX, event.offsetY));
    });
    this.canvas.addEventListener("pointermove", (event) => this.point(event));
    this.canvas.addEventListener("pointerleave", () => {
      this.hint.hidden = true;
    });
    this.canvas.addEventListener("keydown", (event) => this.key(event));
  }

  /** Show the name of what the mouse points at. */
  point(event) {
    const number = event.buttons || event.pointerType === "touch" ? -1 : this.stage.targetAt(event.offsetX, event.offsetY);
    this.hint.hidden = number < 0;
    this.canvas.style.cursor = number < 0 ? "grab" : "pointer";
    if (number < 0) return;
    this.hint.textContent = this.parcel.head.targets[number].text[this.language];
    this.hint.style.left = `${event.offsetX + 14}px`;
    this.hint.style.top = `${event.offsetY + 10}px`;
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const timed = {
      " ": () => this.play(!this.clock.playing),
      ",": () => this.seek(this.clock.time_s - STEP_S),
      ".": () => this.seek(this.clock.time_s + STEP_S),
    };
    const acts = {
      ...(this.parcel.head.live ? {} : timed), // nobody steps or stops a running plant from here
      ArrowLeft: () => this.stage.turn(-TURN, 0),
      ArrowRight: () => this.stage.turn(TURN, 0),
      ArrowUp: () => this.stage.turn(0, TURN),
      ArrowDown: () => this.stage.turn(0, -TURN),
      "+": () => this.stage.turn(0, 0, NEARER),
      "=": () => this.stage.turn(0, 0, NEARER),
      "-": () => this.stage.turn(0, 0, 1 / NEARER),
      p: () => this.look(),
      Home: () => this.look(false),
      Escape: () => this.inspect(-1),
    };
    const act = acts[event.key] ?? acts[event.key.toLowerCase()];
    if (!act) return;
    act();
    event.preventDefault();
    event.stopPropagation();
  }

  /** Choose what is inspected, by number; -1 lets go. */
  inspect(number) {
    if (number !== this.things.chosen) this.things.choose(number < 0 ? this.things.chosen : number);
  }

  play(on) {
    if (on && this.clock.time_s >= this.clock.span_s) this.clock.set(0);
    this.clock.playing = on;
    this.name();
    this.wake();
    this.tell();
  }

  seek(time_s) {
    this.clock.set(time_s);
    this.wake();
    if (!this.clock.playing) this.tell();
  }

  hurry(speed) {
    this.clock.speed = speed;
    this.wake();
  }

  /** Look from above, or from the first place again. */
  look(above = !this.isAbove) {
    this.isAbove = above;
    if (above) this.stage.plan();
    else this.stage.home();
    this.name();
    this.wake();
  }

  tell() {
    this.heard({ playing: this.clock.playing, time_s: this.clock.time_s + this.parcel.head.start_s, chosen: this.things.chosen });
  }

  /** Write everything in the language. */
  name(language = this.language) {
    const changed = language !== this.language;
    this.language = language;
    const { playing } = this.clock;
    this.root.lang = language === "zh" ? "zh-CN" : "en";
    this.toggle.textContent = `${playing ? "❚❚" : "▶"} ${say(playing ? "pause" : "play", language)}`;
    this.toggle.setAttribute("aria-label", say(playing ? "pause" : "play", language));
    this.again.setAttribute("aria-label", say("again", language));
    this.again.title = say("again", language);
    this.above.textContent = say(this.isAbove ? "view" : "plan", language);
    this.speedName.firstChild.textContent = say("speed", language);
    this.slider.setAttribute("aria-label", say("time", language));
    const { live } = this.parcel.head;
    this.canvas.setAttribute("aria-label", say(live ? "liveScene" : "scene", language));
    this.keys.textContent = say(live ? "liveKeys" : "keys", language);
    if (changed || !this.notes.hasChildNodes()) this.notes.innerHTML = this.parcel.head.notes?.[language] ?? "";
    if (!changed) return;
    this.stage.name(language);
    this.things.name(language);
    this.plots.name(language);
    this.plan?.name();
    this.wake();
  }

  /** See to it that a frame is drawn soon; while it plays they follow by themselves, else nothing costs anything. */
  wake() {
    if (this.waiting && this.stage) {
      this.waiting = false;
      if (this.clock.playing) {
        this.moved = true;
        this.haste.move();
      }
      this.before = performance.now();
      requestAnimationFrame(() => this.turn());
    }
  }

  turn() {
    if (this.gone) return;
    const now = performance.now();
    const wasPlaying = this.clock.playing;
    const elapsed_s = (now - this.before) / 1000;
    this.clock.pass(Math.min(elapsed_s, LONGEST_FRAME_S));
    this.before = now;
    this.haste.frame(elapsed_s);
    if (wasPlaying && !this.clock.playing) {
      this.name();
      this.tell();
    }
    this.draw();
    if (this.clock.playing) requestAnimationFrame(() => this.turn());
    else this.rest();
  }

  /** Draw once more, in full, and then nothing until somebody wakes us. */
  rest() {
    this.waiting = true;
    if (!this.moved) return;
    this.moved = false;
    this.haste.rest();
    this.wake();
  }

  draw() {
    const { time_s } = this.clock;
    const plant_s = time_s + this.parcel.head.start_s;
    this.stage.draw(plant_s - this.start_s, this.clock.speed);
    this.frames += 1;
    if (Number(this.slider.value) !== Math.round(time_s)) this.slider.value = time_s;
    const shown = clockText(plant_s);
    if (this.readout.value !== shown) {
      this.readout.value = shown;
      this.slider.setAttribute("aria-valuetext", shown);
    }
    this.things.tell(time_s);
    this.plots.mark(plant_s);
  }

  /** Show the plan below the scene; `ask` returns promises of drawings. */
  addPlan(ask, still = false) {
    this.plan = new Plan(this, ask, still);
    this.notes.before(this.plan.root);
    this.things.tip = (name) => this.plan.tip(name);
  }

  /** Leave the page. */
  dispose() {
    this.gone = true;
    this.sizes.disconnect();
    this.sight.disconnect();
    this.plan?.dispose();
    this.stage.dispose();
    this.root.remove();
  }
}
