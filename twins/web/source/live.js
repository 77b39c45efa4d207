// Follows a plant that is running: what moves comes moment after moment as the plant's journal grows.

import { clockText } from "./clock.js";
import { element } from "./elements.js";
import { unpack } from "./parcel.js";
import { say } from "./words.js";

const KEPT = 1000;
const SLOWER = 0.9, FASTER = 1.1; // how much the shown clock may deviate to come to the plant's own
const JUMP_S = 2; // further off than so many seconds of the viewer's, it jumps

const PLOTS_EVERY_MS = 2000;

/** Follow the moments at an address; after a break the browser asks again by itself, and the latest comes first. */
export function watchLive(player, address) {
  const badge = element("span", { className: "sx-live", role: "status" }, say("waiting", player.language));
  player.bar.prepend(badge);
  for (const part of [player.toggle, player.again, player.speedName, player.slider]) part.hidden = true;
  player.seen = []; // [rows of the journal, when they were on the screen in ms since 1970], for whoever measures
  player.clock.span_s = Infinity;
  const pace = new Pace();
  const events = new EventSource(address);
  events.addEventListener("moment", ({ data }) => {
    const parcel = unpack(bytes(data));
    const { relived, now_s } = parcel.head;
    if (relived < 1) { // nothing moves meanwhile
      player.clock.playing = false;
      const text = say("reliving", player.language);
      badge.textContent = text.replace("{time}", clockText(now_s)).replace("{share}", Math.floor(100 * relived));
      return;
    }
    show(player, parcel, pace);
    badge.textContent = `● ${say("live", player.language)} ${pace.speed.toFixed(pace.speed < 10 ? 1 : 0)}×`;
    // What this frame draws is on the screen when the one after it begins.
    requestAnimationFrame(() => requestAnimationFrame(() => {
      player.seen.push([parcel.head.rows, performance.timeOrigin + performance.now()]);
      if (player.seen.length > KEPT) player.seen.shift();
    }));
  });
  events.addEventListener("error", () => {
    badge.textContent = say("broken", player.language);
    player.clock.playing = false;
  });
  return events;
}

/** Renew the plots while somebody sees them; where the connection is lost they stand, and the badge tells so. */
export function watchPlots(player, address) {
  let inView = false;
  let tag = null;
  const ask = async () => {
    if (!inView || document.hidden) return;
    const answer = await fetch(address, { cache: "no-cache" }).catch(() => null);
    if (!answer?.ok || answer.headers.get("etag") === tag) return;
    tag = answer.headers.get("etag");
    player.plots.learn(unpack(await answer.arrayBuffer()));
    player.wake();
  };
  new IntersectionObserver(([{ isIntersecting }]) => {
    inView = isIntersecting;
    ask();
  }).observe(player.side);
  setInterval(ask, PLOTS_EVERY_MS);
}

function show(player, parcel, pace) {
  const { head } = parcel;
  const { clock } = player;
  player.stage.shapes.learn(parcel);
  if (!player.stage.shapes.know(parcel)) {
    location.reload(); // we were away when something of a new kind came; the scene by now has it
    return;
  }
  const now_s = head.now_s - player.parcel.head.start_s;
  pace.hear(now_s, performance.now() / 1000);
  const off_s = now_s - clock.time_s;
  if (!clock.playing || Math.abs(off_s) > JUMP_S * Math.max(pace.speed, 1)) clock.time_s = now_s;
  clock.speed = pace.speed * (off_s < 0 ? SLOWER : FASTER);
  clock.span_s = head.shown_until_s - player.parcel.head.start_s; // further on nothing is known to be there
  clock.playing = pace.speed > 0;
  player.stage.replace(parcel);
  player.things.learn(parcel);
  player.start_s = head.start_s;
  player.wake();
}

/** How fast the plant runs, simulated seconds a second, from what is heard of its clock. */
class Pace {
  constructor() {
    this.heard = [];
    this.speed = 0;
  }

  hear(plant_s, viewer_s) {
    if (this.heard.length && plant_s < this.heard.at(-1)[0]) this.heard = []; // it was wound back
    this.heard.push([plant_s, viewer_s]);
    while (this.heard.length > 2 && this.heard[0][1] < viewer_s - 5) this.heard.shift();
    const [first_plant_s, first_viewer_s] = this.heard[0];
    const passed_s = viewer_s - first_viewer_s;
    this.speed = passed_s > 0 ? (plant_s - first_plant_s) / passed_s : 0;
  }
}

function bytes(base64) {
  const text = atob(base64);
  const made = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) made[at] = text.charCodeAt(at);
  return made.buffer;
}
