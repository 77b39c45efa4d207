// What the page says, in both languages.

const WORDS = {
  play: { zh: "播放", en: "Play" },
  pause: { zh: "暂停", en: "Pause" },
  again: { zh: "回到开头", en: "Back to start" },
  speed: { zh: "速度", en: "Speed" },
  time: { zh: "时刻", en: "Time" },
  view: { zh: "立体", en: "3-D" },
  plan: { zh: "俯视", en: "From above" },
  things: { zh: "查看", en: "Inspect" },
  find: { zh: "按名称查找", en: "Find by name" },
  close: { zh: "关闭", en: "Close" },
  ground: { zh: "平面图", en: "Plan" },
  nothing: { zh: "到此刻还没有发生什么。", en: "Nothing has happened here yet." },
  diary: { zh: "这里最近发生的", en: "What happened here last" },
  live: { zh: "实时", en: "live" },
  waiting: { zh: "等待现场数据……", en: "Waiting for the plant …" },
  broken: { zh: "连接中断，正在重连……", en: "Connection lost, trying again …" },
  reliving: { zh: "回到 {time}，正在重演过去 {share} %", en: "Back to {time}; living through the past again, {share} %" },
  failed: { zh: "无法显示：", en: "Cannot be shown: " },
  other: { zh: "English", en: "中文" },
  scene: {
    zh: "三维场景。空格键播放或暂停，方向键转动，加减键远近，逗号和句号前后移动时刻，P 键俯视，Home 键回到初始视角。",
    en: "Three-dimensional scene. Space plays or pauses, arrows turn, plus and minus zoom, comma and full stop step the time, P looks from above, Home goes back to the first view.",
  },
  liveScene: {
    zh: "三维场景，跟随正在运行的对象。方向键转动，加减键远近，P 键俯视，Home 键回到初始视角。",
    en: "Three-dimensional scene that follows a running plant. Arrows turn, plus and minus zoom, P looks from above, Home goes back to the first view.",
  },
  liveKeys: {
    zh: "←→↑↓ 转动 · ＋－ 远近 · P 俯视 · Home 复位 · 点击物件查看",
    en: "←→↑↓ turn · + − zoom · P from above · Home reset · click a thing to inspect it",
  },
  keys: {
    zh: "空格 播放/暂停 · ←→↑↓ 转动 · ＋－ 远近 · ，。 前后 · P 俯视 · Home 复位 · 点击物件查看",
    en: "space play/pause · ←→↑↓ turn · + − zoom · , . step · P from above · Home reset · click a thing to inspect it",
  },
};

const UNITS = { parts: "件", "parts/h": "件/时", "1/h": "件/时", jobs: "个作业", visitors: "人", nodes: "台", W: "W", s: "秒" };

/** Return a unit as people write it. */
export function unitName(unit, language) {
  return language === "zh" ? (UNITS[unit] ?? unit) : unit;
}

/** Return what the page says for a word. */
export function say(word, language) {
  return WORDS[word][language];
}
