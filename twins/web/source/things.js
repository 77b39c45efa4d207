// The things that can be inspected: a list for the keyboard, and what is known of the one that is chosen.

import { clockText } from "./clock.js";
import { element } from "./elements.js";
import { array } from "./parcel.js";
import { last } from "./plots.js";
import { say } from "./words.js";

const LATEST = 6;
const FINDER_FROM = 12;

export class Things {
  /**
   * Prepare the targets of a parcel.
   * @param marked called with the number that is pointed at or chosen, or -1
   * @param chose called when another has been chosen
   */
  constructor({ head, block }, language, marked, chose) {
    this.head = head;
    this.marked = marked;
    this.chose = chose;
    this.chosen = -1;
    this.tip = () => ""; // what is to be said of a target at this moment
    this.start_s = head.start_s;
    this.learn({ head, block });
    this.root = element("div", { className: "sx-things" });
    this.name(language);
  }

  /** Take what has happened from a parcel. */
  learn({ head, block }) {
    const { diary } = head;
    const columns = ["time", "place", "event", "entity"].map((name) => [name, diary && array(block, diary[name])]);
    this.diary = diary && { ...diary, ...Object.fromEntries(columns) };
    this.start_s = head.start_s;
  }

  /** Write everything in a language. */
  name(language) {
    this.language = language;
    this.buttons = this.head.targets.map((target, number) => {
      const button = element("button", { type: "button", tabIndex: number ? -1 : 0 }, target.text[language]);
      button.addEventListener("click", () => this.choose(number));
      button.addEventListener("focus", () => this.marked(number));
      button.addEventListener("blur", () => this.marked(this.chosen));
      return button;
    });
    const list = element("div", { className: "sx-list", role: "toolbar", "aria-label": say("things", language) }, ...this.buttons);
    list.addEventListener("keydown", (event) => this.step(event));
    const finder = element("input", { type: "search", placeholder: say("find", language), "aria-label": say("find", language) });
    finder.hidden = this.buttons.length < FINDER_FROM;
    finder.addEventListener("input", () => this.find(finder.value));
    this.facts = element("div", { className: "sx-facts", role: "status" });
    this.root.replaceChildren(element("h3", {}, say("things", language)), finder, list, this.facts);
    this.root.hidden = this.buttons.length === 0;
    this.told = null;
    this.tell(0);
  }

  find(part) {
    const wanted = part.trim().toLowerCase();
    this.buttons.forEach((button, number) => {
      const { text, name } = this.head.targets[number];
      button.hidden = ![text.zh, text.en, name].some((known) => known.toLowerCase().includes(wanted));
    });
    this.hold(this.buttons.findIndex((button) => !button.hidden));
  }

  /** Arrow keys go through the list, which is one stop for the tab key. */
  step(event) {
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
    if (!(event.key in steps)) return;
    const seen = this.buttons.filter((button) => !button.hidden);
    const at = seen.indexOf(event.target);
    const next = seen[(at + steps[event.key] + seen.length) % seen.length];
    this.hold(this.buttons.indexOf(next));
    next.focus();
    event.preventDefault();
    event.stopPropagation();
  }

  hold(number) {
    this.buttons.forEach((button, at) => {
      button.tabIndex = at === number ? 0 : -1;
    });
  }

  /** Choose a target by its number, or none by -1. */
  choose(number) {
    this.chosen = number === this.chosen ? -1 : number;
    this.buttons.forEach((button, at) => button.setAttribute("aria-pressed", String(at === this.chosen)));
    if (this.chosen >= 0) {
      this.hold(this.chosen);
      this.buttons[this.chosen].scrollIntoView({ block: "nearest", inline: "nearest" });
    }
    this.marked(this.chosen);
    this.told = null;
    this.chose();
  }

  /** Tell what is known of the chosen target at a time, seconds from the window's start. */
  tell(time_s) {
    const target = this.head.targets[this.chosen];
    const lines = target ? this.latest(target.name, time_s) : [];
    const tip = target ? this.tip(target.name) : "";
    const told = target ? [target.name, tip, ...lines].join("\n") : "";
    if (told === this.told) return;
    this.told = told;
    this.facts.hidden = !target;
    if (!target) return;
    const facts = (this.head.facts?.[target.name] ?? []).flatMap(([name, value]) => [
      element("dt", {}, name[this.language]),
      element("dd", {}, value[this.language]),
    ]);
    const events = lines.length ? lines.map((line) => element("li", {}, line)) : [element("li", {}, say("nothing", this.language))];
    const diary = this.diary ? [element("h5", {}, say("diary", this.language)), element("ol", {}, ...events)] : [];
    this.facts.replaceChildren(element("h4", {}, target.text[this.language]), ...(tip ? [element("p", {}, tip)] : []), element("dl", {}, ...facts), ...diary);
  }

  /** Return lines about the latest events at a place, the last first. */
  latest(name, time_s) {
    if (!this.diary) return [];
    const here = this.diary.places.map((place) => place === name || place.startsWith(`${name}.`));
    const lines = []; // each with how often the same happened at the same moment
    for (let at = last(this.diary.time, time_s + this.head.start_s - this.start_s); at >= 0 && lines.length < LATEST; at -= 1) {
      if (!here[this.diary.place[at]]) continue;
      const entity = this.diary.entity[at];
      const word = this.diary.words[this.diary.event[at]]?.[this.language] ?? this.diary.event[at];
      const line = `${clockText(this.start_s + this.diary.time[at])} ${word}${entity >= 0 ? ` #${entity}` : ""}`;
      if (line === lines.at(-1)?.line) lines.at(-1).times += 1;
      else lines.push({ line, times: 1 });
    }
    return lines.map(({ line, times }) => (times > 1 ? `${line} ×${times}` : line));
  }
}
