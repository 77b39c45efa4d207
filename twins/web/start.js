// Starts the page on which a twin is served (twins/server.py).

import { openPage } from "./twin.js";

const root = document.getElementById("twin");
globalThis.twin = await openPage(root, "./", root.dataset.language);
