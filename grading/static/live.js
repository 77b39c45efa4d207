// While submissions are on the way, fetch the page anew and swap its content when something has changed: at once where
// the service tells (server-sent events), every two seconds where it cannot.

const INTERVAL_MS = 2000;
const LONGEST_MS = 30000;

const region = () => document.querySelector("[data-live]");
const pending = (main) => Number(main.dataset.pending) > 0;

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
  if (!fresh || fresh.innerHTML === now.innerHTML) return;
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

function listen(url) {
  const source = new EventSource(url);
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
