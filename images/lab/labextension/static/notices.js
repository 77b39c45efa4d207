// A JupyterLab extension as the browser loads it: a module-federation container of one module, written by hand, so
// that nothing has to be built. It asks the session for notices and shows each once, in both languages.
(() => {
  const EVERY_MS = 10000;
  let shared = {};

  const take = async (name) => {
    const versions = Object.values(shared[name]);
    return (await versions[versions.length - 1].get())();
  };

  const plugin = async () => {
    const [{ Notification }, { ServerConnection }, { URLExt }] = await Promise.all(
      ["@jupyterlab/apputils", "@jupyterlab/services", "@jupyterlab/coreutils"].map(take),
    );
    return {
      id: "shixun-notices:plugin",
      autoStart: true,
      activate: () => {
        const settings = ServerConnection.makeSettings();
        const url = URLExt.join(settings.baseUrl, "shixun/notices");
        const shown = new Set();
        const look = async () => {
          try {
            const answer = await ServerConnection.makeRequest(url, {}, settings);
            for (const { name, zh, en } of answer.ok ? await answer.json() : []) {
              if (shown.has(name)) continue;
              shown.add(name);
              Notification.warning(`${zh}\n\n${en}`, { autoClose: false });
            }
          } catch {
            // The session is away: JupyterLab itself says so.
          }
          setTimeout(look, EVERY_MS);
        };
        look();
      },
    };
  };

  (window._JUPYTERLAB = window._JUPYTERLAB || {})["shixun-notices"] = {
    init: (scope) => {
      shared = scope;
    },
    get: async () => {
      const module = { __esModule: true, default: await plugin() };
      return () => module;
    },
  };
})();
