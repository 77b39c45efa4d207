// Follows a plant that is running: its scene of the moment comes as the plant's journal grows.

import { element } from "./elements.js";
import { unpack } from "./parcel.js";
import { say } from "./words.js";

/** Follow the events at an address; the browser comes back by itself after a break, and says where it was. */
export function watchLive(player, address) {
  const badge = element("span", { className: "sx-live", role: "status" }, say("waiting", player.language));
  player.bar.prepend(badge);
  for (const part of [player.toggle, player.again, player.speedName, player.slider]) part.hidden = true;
  player.lags_ms = [];
  const events = new EventSource(address);
  events.addEventListener("scene", ({ data }) => {
    const [sent_ms, text] = split(data);
    show(player, unpack(bytes(text)));
    badge.textContent = `● ${say("live", player.language)}`;
    // The frame in which this is seen ends after the next one has begun.
    requestAnimationFrame(() => requestAnimationFrame(() => {
      player.lags_ms.push(performance.timeOrigin + performance.now() - sent_ms);
    }));
  });
  events.addEventListener("error", () => {
    badge.textContent = say("broken", player.language);
  });
  return events;
}

function show(player, parcel) {
  const { head } = parcel;
  player.stage.replace(parcel);
  player.start_s = head.start_s;
  player.clock.span_s = Infinity;
  player.clock.speed = head.speed;
  player.clock.time_s = Math.max(player.clock.time_s, head.now_s - player.parcel.head.start_s);
  player.clock.playing = head.speed > 0;
  player.wake();
}

function split(data) {
  const at = data.indexOf(" ");
  return [Number(data.slice(0, at)), data.slice(at + 1)];
}

function bytes(base64) {
  const text = atob(base64);
  const made = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) made[at] = text.charCodeAt(at);
  return made.buffer;
}
