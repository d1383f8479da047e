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

/** The languages that come with the package; English is in the program. */
const LANGUAGES = ["de", "ar"];

function checkLanguage(lang, strings) {
  if (lang !== undefined && typeof lang !== "string") throw new TypeError("telltale: `lang` must be a string");
  if (strings !== undefined && (typeof strings !== "object" || strings === null))
    throw new TypeError("telltale: `strings` must be an object from the name of a text to the text");
}

/**
 * Which language is spoken and its texts, as JSON. Those of the host go before ours. One whose texts are nowhere is
 * English.
 */
async function languageOf(element, lang, strings) {
  const tag = lang ?? element.closest("[lang]")?.lang ?? "en";
  const known = LANGUAGES.find((known) => known === tag.toLowerCase().split("-")[0]);
  let ours;
  if (known)
    try {
      const answer = await fetch(new URL(`./lang/${known}.json`, import.meta.url));
      if (answer.ok) ours = await answer.json();
    } catch {
      // The host's policy or its network does not let it in.
    }
  if (!ours && !strings) return ["en", "{}"];
  return [tag || "en", JSON.stringify({ ...ours, ...strings })];
}

/**
 * The panels by their elements. What the program hands out unmounts when it is collected as garbage, and not every page
 * keeps what `mount` returns. The program holds the element, so that both stay until `unmount`.
 */
const mounted = new WeakMap();

/** Mounts the progress panel of one media, or one meeting, into an element of the page. See index.d.ts. */
export async function mount(element, options = {}) {
  const { server, mediaId, meetingId, alertLevel, announce, getToken, token, theme, lang, strings, wasm } = options;
  if (!(element instanceof Element)) throw new TypeError("telltale: `element` must be an element of the page");
  if (typeof server !== "object" || server === null)
    throw new TypeError("telltale: `server` must be an object with `kind` and `url`");
  const isMeeting = meetingId !== undefined;
  if (isMeeting && mediaId !== undefined)
    throw new TypeError("telltale: `mediaId` and `meetingId` exclude each other; mount two panels for both");
  const [name, id] = isMeeting ? ["meetingId", meetingId] : ["mediaId", mediaId];
  if (typeof id !== "string" || id === "")
    throw new TypeError(`telltale: \`${name}\` must be a string that is not empty`);
  for (const callback of ["onAlert", "onVideoFrame", "onCancel"])
    if (options[callback] !== undefined && typeof options[callback] !== "function")
      throw new TypeError(`telltale: \`${callback}\` must be a function`);
  if (theme !== undefined && !["auto", "light", "dark"].includes(theme))
    throw new TypeError('telltale: `theme` must be "auto", "light" or "dark"');
  checkLanguage(lang, strings);

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
  let asking;
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
  // Told by the program, which shows why it could not be done. What becomes of an earlier call is no news: its run is over.
  let cancels = 0;
  place.addEventListener("telltale-cancel", async () => {
    const call = ++cancels;
    try {
      await options.onCancel(id);
    } catch (error) {
      if (call === cancels) panel?.cancelFailed(typeof error === "string" ? error : String(error?.message ?? ""));
    }
  });
  const unmount = () => {
    isMounted = false;
    panel?.unmount();
    panel = undefined;
    mounted.delete(host);
    host.remove();
  };
  try {
    const spoken = languageOf(element, lang, strings);
    const [program, given, language] = await Promise.all([load(wasm), token ?? getToken?.(), spoken, styled]);
    // Unmounted while it was loading: nothing is begun.
    if (isMounted) {
      const common = [place, JSON.stringify(server), id, given ?? undefined, announce, ...language];
      panel = isMeeting
        ? program.mountMeeting(...common, alertLevel, tell)
        : program.mount(...common, Boolean(options.onCancel));
      mounted.set(host, panel);
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
    /** Another language; what is shown stays as it is. */
    async setLanguage(lang, strings) {
      checkLanguage(lang, strings);
      const asked = (asking = {});
      const language = await languageOf(element, lang, strings);
      // Of two calls the later counts, whichever has its texts first.
      if (asked === asking) panel?.setLanguage(...language);
    },
    [Symbol.dispose ?? Symbol.for("Symbol.dispose")]: unmount,
  };
}
