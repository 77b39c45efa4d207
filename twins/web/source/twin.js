// The one module: a widget for notebooks (anywidget), and a page of its own.

import "./alone.js";
import { watchLive, watchPlots } from "./live.js";
import { unpack } from "./parcel.js";
import { plansAt, plansFrom } from "./plan.js";
import { Player } from "./player.js";
import { element } from "./elements.js";
import { say } from "./words.js";

/** Show the scene of a notebook's widget. */
function render({ model, el }) {
  const bytes = model.get("parcel");
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const player = new Player(el, unpack(buffer), model.get("language"), ({ playing, time_s, chosen }) => {
    // Only when somebody has pressed something: while it plays, the kernel hears nothing.
    model.set({ playing, time_s, chosen: player.parcel.head.targets[chosen]?.name ?? "" });
    model.save_changes();
  });
  player.haste.sharp = model.get("sharp");
  player.hurry(model.get("speed"));
  player.speed.value = model.get("speed");
  player.seek(model.get("time_s") - player.parcel.head.start_s);
  if (model.get("playing")) player.play(true);
  if (player.parcel.head.plan) player.addPlan(plansFrom(model), true);
  const follow = {
    "change:time_s": () => Math.abs(model.get("time_s") - player.start_s - player.clock.time_s) > 1e-6 && player.seek(model.get("time_s") - player.start_s),
    "change:sharp": () => {
      player.haste.sharp = model.get("sharp");
    },
    "change:playing": () => model.get("playing") !== player.clock.playing && player.play(model.get("playing")),
    "change:chosen": () => player.inspect(player.parcel.head.targets.findIndex(({ name }) => name === model.get("chosen"))),
    "change:speed": () => {
      player.hurry(model.get("speed"));
      player.speed.value = model.get("speed");
    },
  };
  for (const [change, act] of Object.entries(follow)) model.on(change, act);
  return () => {
    for (const [change, act] of Object.entries(follow)) model.off(change, act);
    player.dispose();
  };
}

/** Show the scene at an address in an element, and follow it where it is live. */
export async function openPage(root, address, language) {
  const answer = await fetch(`${address}scene`);
  if (!answer.ok) {
    root.textContent = say("failed", language) + (await answer.text());
    return null;
  }
  const player = new Player(root, unpack(await answer.arrayBuffer()), language);
  const other = element("button", { type: "button" }, say("other", language));
  other.addEventListener("click", () => {
    player.name(player.language === "zh" ? "en" : "zh");
    document.documentElement.lang = player.root.lang;
    other.textContent = say("other", player.language);
  });
  player.bar.append(other);
  const { plan, live } = player.parcel.head;
  if (plan) player.addPlan(plansAt(`${address}plan`, live));
  if (live) {
    watchLive(player, `${address}live`);
    watchPlots(player, `${address}plots`);
  }
  return player;
}

export default { render };
