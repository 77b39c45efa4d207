// Every widget of a notebook brings a three.js of its own, on purpose; three.js would warn of that.
delete globalThis.__THREE__;
