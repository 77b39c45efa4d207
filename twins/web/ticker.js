// The clock of a scene that pythreejs draws, in the browser: the drawing runs, the slider follows, the kernel sleeps.

const EVERY_MS = 100;
const TOLD_EVERY_MS = 500;

async function initialize({ model }) {
  const find = (name) => model.widget_manager.get_model(model.get(name).slice("IPY_MODEL_".length));
  const [slider, action, mixer] = await Promise.all(["slider", "action", "mixer"].map(find));
  let told_ms = 0;

  /** Show a tick on the slider; the drawing's own clock is set only where it has not led the way. */
  const show = (tick, lead = true) => {
    if (slider.get("index") !== tick) {
      // A slider that tells while it is moved would also tell of this, and of being told not to.
      const telling = slider.get("continuous_update");
      slider.set("continuous_update", false, { silent: true });
      slider.set("index", tick);
      slider.set("continuous_update", telling, { silent: true });
    }
    if (lead) {
      action.set("time", tick);
      if (action.obj) action.obj.time = tick; // three.js has gone on from what the model holds
    }
  };
  const tell = () => {
    told_ms = performance.now();
    model.save_changes();
  };
  const run = () => mixer.set("timeScale", model.get("playing") ? 1 : 0);

  /** Follow the drawing; at its end, and when it is paused, both stand on the same whole tick. */
  const follow = () => {
    if (!model.get("playing")) return;
    const end = action.obj.time >= model.get("ticks");
    const tick = Math.min(Math.floor(action.obj.time), model.get("ticks"));
    show(tick, end);
    model.set("tick", tick);
    if (end) model.set("playing", false);
    if (end || (model.get("attentive") && performance.now() - told_ms > TOLD_EVERY_MS)) tell();
  };

  model.on("change:playing", () => {
    if (model.get("playing") && model.get("tick") >= model.get("ticks")) {
      model.set("tick", 0);
      tell();
    }
    show(model.get("tick"));
    run();
    if (!model.get("playing")) tell();
  });
  model.on("change:tick", () => slider.get("index") !== model.get("tick") && show(model.get("tick")));
  slider.on("change:index", () => {
    const tick = slider.get("index");
    if (tick === model.get("tick")) return;
    model.set("tick", tick);
    if (Math.floor(action.obj?.time ?? -1) !== tick) show(tick);
    if (!model.get("playing")) tell();
  });
  show(model.get("tick"));
  run();
  const timer = setInterval(follow, EVERY_MS);
  return () => clearInterval(timer);
}

export default { initialize, render() {} };
