// Plots and plan beside a scene that somebody else draws, for a notebook; they follow its ticker.

import { element } from "./elements.js";
import { unpack } from "./parcel.js";
import { Plan, plansFrom } from "./plan.js";
import { Plots } from "./plots.js";
import css from "./twin.css";

async function render({ model, el }) {
  const ticker = await model.widget_manager.get_model(model.get("ticker").slice("IPY_MODEL_".length));
  const bytes = model.get("parcel");
  const parcel = unpack(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const { start_s, tick_s, targets, plan } = parcel.head;
  const language = model.get("language");
  // What a plan must know of whoever shows the moment.
  const player = {
    parcel,
    language,
    clock: {
      get time_s() { return ticker.get("tick") * tick_s; },
      get playing() { return ticker.get("playing"); },
    },
    things: {
      get chosen() { return targets.findIndex(({ name }) => name === model.get("chosen")); },
    },
    inspect(number) {
      model.set("chosen", targets[number]?.name ?? "");
      model.save_changes();
    },
  };
  const plots = new Plots(parcel, language, (time_s) => {
    ticker.set("tick", Math.round(time_s / tick_s));
    ticker.save_changes();
  });
  const drawn = plan ? new Plan(player, plansFrom(model), true) : null;
  const root = element("section", { className: "sx-twin sx-beside", "data-lm-suppress-shortcuts": "true" },
    element("style", {}, css), plots.root, ...(drawn ? [drawn.root] : []));
  root.lang = language === "zh" ? "zh-CN" : "en";
  el.replaceChildren(root);
  const follow = () => plots.mark(start_s + player.clock.time_s);
  const mark = () => drawn?.mark();
  follow();
  ticker.on("change:tick", follow);
  model.on("change:chosen", mark);
  return () => {
    ticker.off("change:tick", follow);
    model.off("change:chosen", mark);
    drawn?.dispose();
  };
}

export default { render };
