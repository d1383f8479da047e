// The widget's JavaScript face. The program is loaded once for the page, at the first mount; every mount has its own
// shadow root, its own connection and its own token, and shares nothing with the others.

let loading;

/**
 * Loads the program; `mount` does it by itself. Called before, it only warms up.
 * @param {string | URL | Request | Response | BufferSource | WebAssembly.Module} [wasm] where the program is, if not
 *   beside this file
 */
export function load(wasm) {
  loading ??= import("./telltale.js").then(async (program) => {
    await program.default({ module_or_path: wasm ?? new URL("./telltale_bg.wasm", import.meta.url) });
    return program;
  });
  // A load that failed may be tried again: the network may be back.
  loading.catch(() => (loading = undefined));
  return loading;
}

/** Mounts the progress panel of one media, or one meeting, into an element of the page. See index.d.ts. */
export async function mount(element, options = {}) {
  const { server, mediaId, meetingId, alertLevel, announce, getToken, token, theme, wasm } = options;
  if (!(element instanceof Element)) throw new TypeError("telltale: `element` must be an element of the page");
  if (typeof server !== "object" || server === null)
    throw new TypeError("telltale: `server` must be an object with `kind` and `url`");
  const isMeeting = meetingId !== undefined;
  if (isMeeting && mediaId !== undefined)
    throw new TypeError("telltale: `mediaId` and `meetingId` exclude each other; mount two panels for both");
  const [name, id] = isMeeting ? ["meetingId", meetingId] : ["mediaId", mediaId];
  if (typeof id !== "string" || id === "")
    throw new TypeError(`telltale: \`${name}\` must be a string that is not empty`);
  for (const callback of ["onAlert", "onVideoFrame"])
    if (options[callback] !== undefined && typeof options[callback] !== "function")
      throw new TypeError(`telltale: \`${callback}\` must be a function`);
  if (theme !== undefined && !["auto", "light", "dark"].includes(theme))
    throw new TypeError('telltale: `theme` must be "auto", "light" or "dark"');

  const host = document.createElement("div");
  host.dataset.telltale = "";
  if (theme === "light" || theme === "dark") host.dataset.theme = theme;
  const root = host.attachShadow({ mode: "open" });
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.href = new URL("./style.css", import.meta.url).href;
  const styled = new Promise((resolve) => {
    // Without its look it still says what there is to say.
    sheet.addEventListener("load", resolve, { once: true });
    sheet.addEventListener("error", resolve, { once: true });
  });
  const place = document.createElement("div");
  place.className = "widget";
  root.append(sheet, place);
  element.append(host);

  let panel;
  let isMounted = true;
  /** Told by the program at once. A microtask later it has done its work: the host may do what it likes, also unmount. */
  const tell = (kind, said, frame) =>
    queueMicrotask(() => {
      if (!isMounted) return;
      const detail = JSON.parse(said);
      if (frame) detail.frame = frame;
      try {
        options[kind === "alert" ? "onAlert" : "onVideoFrame"]?.(detail);
      } catch (error) {
        reportError(error);
      }
      host.dispatchEvent(new CustomEvent(`telltale-${kind}`, { detail, bubbles: true, composed: true }));
    });
  const unmount = () => {
    isMounted = false;
    panel?.unmount();
    panel = undefined;
    host.remove();
  };
  try {
    const [program, given] = await Promise.all([load(wasm), token ?? getToken?.(), styled]);
    // Unmounted while it was loading: nothing is begun.
    if (isMounted) {
      const common = [place, JSON.stringify(server), id, given ?? undefined, announce];
      panel = isMeeting ? program.mountMeeting(...common, alertLevel, tell) : program.mount(...common);
    }
  } catch (error) {
    unmount();
    if (error instanceof WebAssembly.CompileError)
      throw new Error("telltale: this page blocks WebAssembly; its policy must allow 'wasm-unsafe-eval'", {
        cause: error,
      });
    throw error;
  }
  return {
    unmount,
    /** Another token, for instance after the person signed in again. */
    setToken(next) {
      panel?.setToken(next);
    },
    [Symbol.dispose ?? Symbol.for("Symbol.dispose")]: unmount,
  };
}
