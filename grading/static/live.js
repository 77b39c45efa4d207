// While submissions are on the way, fetch the page anew and swap its content when something has changed: at once where
// the service tells (server-sent events), every two seconds where it cannot.

const INTERVAL_MS = 2000;
const LONGEST_MS = 30000;

const region = () => document.querySelector("[data-live]");
const pending = (main) => Number(main.dataset.pending) > 0;
let written = region().innerHTML; // as the service wrote it: what is filled in here since is no news

async function refreshed() {
  const answer = await fetch(location.href, {
    headers: { Accept: "text/html" },
    credentials: "same-origin",
    redirect: "error", // a login that has ended is for the reader to renew, not for this script
  });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-live]");
}

async function refresh() {
  const now = region();
  const fresh = await refreshed();
  if (!fresh || fresh.innerHTML === written) return;
  written = fresh.innerHTML;
  const focused = document.activeElement?.getAttribute("href");
  now.replaceChildren(...fresh.childNodes);
  now.dataset.pending = fresh.dataset.pending;
  if (focused) [...now.querySelectorAll("a")].find((link) => link.getAttribute("href") === focused)?.focus();
  const news = document.getElementById("news");
  news.textContent = news.dataset.message;
}

async function watch(wait) {
  await new Promise((resolve) => setTimeout(resolve, wait));
  let next = INTERVAL_MS;
  if (!document.hidden) {
    try {
      await refresh();
    } catch {
      next = Math.min(wait * 2, LONGEST_MS); // the service restarts or the network is away: ask less often
    }
  }
  if (pending(region())) watch(next);
}

function showProgress(told) {
  const place = document.querySelector(`[data-progress="${CSS.escape(told.submission)}"]`);
  if (!place) return;
  const words = document.getElementById("news").dataset;
  const sure = told.half_width_95 === null || told.tolerance_points === null ? "" : ` · ${words.sure}`;
  place.textContent = `${words.simulated}${sure}`
    .replace("{done}", told.replications)
    .replace("{most}", told.most)
    .replace("{half}", told.half_width_95?.toFixed(1))
    .replace("{tolerance}", told.tolerance_points);
}

function listen(url) {
  const source = new EventSource(url);
  source.addEventListener("progress", (event) => showProgress(JSON.parse(event.data)));
  source.addEventListener("state", () => {
    refresh()
      .then(() => pending(region()) || source.close())
      .catch(() => {});
  });
  source.addEventListener("error", () => {
    // The stream has ended, or cannot be had: look by ourselves.
    source.close();
    if (pending(region())) watch(INTERVAL_MS);
  });
}

if (pending(region())) {
  const url = region().dataset.stream;
  if (url) listen(url);
  else watch(INTERVAL_MS);
}

// On a phone JupyterLab's side bar would leave no room for the notebook: there a lab opens as a single document, with a
// layout of its own.
document.addEventListener(
  "click",
  (event) => {
    const link = event.target.closest('a[href*="/user-redirect/lab/tree/"]');
    if (link && matchMedia("(max-width: 700px)").matches) {
      link.href = link.href.replace("/lab/tree/", "/doc/workspaces/phone/tree/");
    }
  },
  true,
);
