// The plan beside the scene, drawn by the server for the moment that is shown.

import { element } from "./elements.js";
import { say } from "./words.js";

const EVERY_MS = 700;

export class Plan {
  constructor(player, address) {
    this.player = player;
    this.address = address;
    this.title = element("h3");
    this.picture = element("img", { alt: "" });
    const link = element("a", { target: "_blank", className: "sx-plan" }, this.picture);
    this.link = link;
    this.root = element("div", {}, this.title, link);
    this.picture.addEventListener("load", () => this.later());
    this.picture.addEventListener("error", () => this.later());
    this.draw();
  }

  draw() {
    if (this.player.gone) return;
    const { clock, parcel, language } = this.player;
    const time_s = Math.round((parcel.head.start_s + clock.time_s) * 10) / 10;
    const wanted = `${this.address}?time_s=${time_s}&lang=${language}`;
    this.title.textContent = say("ground", language);
    if (wanted === this.shown) {
      this.later();
      return;
    }
    this.shown = wanted;
    this.picture.alt = say("ground", language);
    this.picture.src = wanted;
    this.link.href = wanted;
  }

  later() {
    setTimeout(() => this.draw(), EVERY_MS);
  }
}
