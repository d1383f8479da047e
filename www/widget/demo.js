// The widget in a page of its own: ?media=ID names the media, twice on one page. The token is handed over by whoever
// opens the page, in a message, as a host application would from its own memory.
import { mount } from "./index.js";

const mediaId = new URLSearchParams(location.search).get("media") ?? "";
const server = { kind: "analysis", url: "/analysis", path: "/analysis/socket.io/" };

/** Called by the host with its token. */
globalThis.start = async (token) => {
  const panels = await Promise.all(
    ["first", "second"].map((id) => mount(document.getElementById(id), { server, mediaId, token })),
  );
  document.getElementById("unmount").addEventListener("click", () => panels[0].unmount());
  globalThis.panels = panels;
};
