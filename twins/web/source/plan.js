// The plan beside the scene, drawn in Python for the moment that is shown. What is clicked on is inspected.

import { element } from "./elements.js";
import { say } from "./words.js";

const EVERY_MS = 1000;

export class Plan {
  /**
   * @param player whose moment is shown
   * @param ask returns a promise of the plan at a time of the plant, in a language, as SVG
   * @param still whether it is drawn only while the player rests
   */
  constructor(player, ask, still = false) {
    this.player = player;
    this.ask = ask;
    this.still = still;
    this.title = element("summary");
    // A drawing that is wider than the page is moved by the arrow keys.
    this.paper = element("div", { className: "sx-paper", tabIndex: 0, role: "group" });
    this.root = element("details", { className: "sx-plan", open: !still }, this.title, this.paper);
    this.paper.addEventListener("click", ({ target }) => {
      const { target: name } = target.closest("[data-target]")?.dataset ?? {};
      if (name) this.player.inspect(this.player.parcel.head.targets.findIndex((one) => one.name === name));
    });
    this.root.addEventListener("toggle", () => this.draw());
    this.inView = false;
    this.watch = new IntersectionObserver(([{ isIntersecting }]) => {
      this.inView = isIntersecting;
      this.draw();
    });
    this.watch.observe(this.root);
    this.name();
    this.timer = setInterval(() => this.draw(), EVERY_MS);
  }

  /** Write the title in the player's language. */
  name() {
    this.title.textContent = say("ground", this.player.language);
    this.paper.setAttribute("aria-label", say("ground", this.player.language));
    this.draw();
  }

  /** Frame what is inspected. */
  mark() {
    const { things, parcel } = this.player;
    const name = parcel.head.targets[things.chosen]?.name;
    for (const drawn of this.paper.querySelectorAll("[data-target]")) drawn.classList.toggle("sx-chosen", drawn.dataset.target === name);
  }

  /** Return what the plan tells of a target at the moment that is shown; nothing where it is not drawn. */
  tip(name) {
    if (!this.root.open || (this.still && this.player.clock.playing)) return "";
    return this.paper.querySelector(`[data-target="${CSS.escape(name)}"] title`)?.textContent ?? "";
  }

  /** Draw the moment that is shown, unless nobody sees it or it is there already. */
  async draw() {
    const { clock, parcel, language } = this.player;
    const needed = this.inView || this.player.things.chosen >= 0;
    if (this.asking || !needed || !this.root.open || document.hidden || (this.still && clock.playing)) return;
    const time_s = Math.round((parcel.head.start_s + clock.time_s) * 10) / 10;
    const wanted = `${time_s} ${language}`;
    if (wanted === this.shown && !parcel.head.live) return;
    this.asking = true;
    try {
      const svg = await this.ask(time_s, language);
      this.shown = wanted;
      if (svg !== this.drawn) this.show(svg);
    } catch (error) {
      this.paper.textContent = say("failed", language) + error.message;
      this.drawn = null;
    } finally {
      this.asking = false;
    }
  }

  show(svg) {
    this.drawn = svg;
    const parsed = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
    const { scrollLeft, scrollTop } = this.paper;
    this.paper.replaceChildren(document.importNode(parsed, true));
    this.paper.scrollTo(scrollLeft, scrollTop);
    this.mark();
  }

  dispose() {
    clearInterval(this.timer);
    this.watch.disconnect();
  }
}

/** Return what asks an address for plans; where it is live, for the plan of now. */
export function plansAt(address, live) {
  return async (time_s, language) => {
    const answer = await fetch(`${address}?lang=${language}${live ? "" : `&time_s=${time_s}`}`, { cache: "no-cache" });
    const text = await answer.text();
    if (!answer.ok) throw new Error(text);
    return text;
  };
}

/** Return what asks the kernel behind a notebook's widget for plans. */
export function plansFrom(model) {
  return (time_s, language) => new Promise((drawn) => {
    const hear = (said) => {
      if (said.time_s !== time_s || said.language !== language) return;
      model.off("msg:custom", hear);
      drawn(said.plan);
    };
    model.on("msg:custom", hear);
    model.send({ time_s, language });
  });
}
