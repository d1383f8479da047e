// The widget's JavaScript face. The program is loaded once for the page, at the first mount. Every mount has its own
// shadow root; its connection and its token are its own, too, unless it is mounted with a client, which panels share.

let loading;

/** The least program there is: only a policy, or a browser without WebAssembly, keeps it from being compiled. */
const LEAST = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);

/**
 * Loads the program; `mount` does it by itself. Called before, it only warms up.
 * @param {string | URL | Request | Response | BufferSource | WebAssembly.Module} [wasm] where the program is, if not
 *   beside this file
 */
export function load(wasm) {
  loading ??= loadFrom(wasm ?? new URL("./telltale_bg.wasm", import.meta.url));
  // A load that failed may be tried again: the network may be back.
  loading.catch(() => (loading = undefined));
  return loading;
}

async function loadFrom(wasm) {
  try {
    const program = await import("./telltale.js");
    await program.default({ module_or_path: wasm });
    return program;
  } catch (error) {
    const where = wasm?.url ?? (typeof wasm === "string" || wasm instanceof URL ? wasm : "`wasm`");
    let why = `the program could not be loaded from ${where}: ${error.message}`;
    if (isBlocked()) why = "this page blocks WebAssembly; its policy must allow 'wasm-unsafe-eval'";
    else if (error instanceof WebAssembly.CompileError)
      why = `what is at ${where} is not the program; some servers answer with a page of theirs where they have no file`;
    throw new Error(`telltale: ${why}`, { cause: error });
  }
}

function isBlocked() {
  try {
    return !new WebAssembly.Module(LEAST);
  } catch {
    return true;
  }
}

/** How long the stylesheet and a language are waited for: alerts do not wait for looks. */
const LOOKS_MS = 5000;

/** The languages that come with the package; English is in the program. */
const LANGUAGES = ["de", "ar"];

function checkLanguage(lang, strings) {
  try {
    // None, as in HTML's `lang=""`, is that of the page. A list of tags would pass for its first.
    if ((lang ?? "") !== "") new Intl.Locale(typeof lang === "string" ? lang : "");
  } catch (cause) {
    throw new TypeError('telltale: `lang` must be a language tag, such as "de" or "pt-BR"', { cause });
  }
  const isText = (text) => typeof text === "string" || (typeof text === "object" && text !== null);
  const isTexts = (texts) => isText(texts) && !Array.isArray(texts) && Object.values(texts).every(isText);
  if (typeof (strings ?? {}) === "string" || !isTexts(strings ?? {}))
    throw new TypeError(
      "telltale: `strings` must be an object from the name of a text to the text or its plural forms",
    );
}

/** The options that are one word of several. The program takes nothing but text for them. */
const WORDS = {
  theme: ["auto", "light", "dark"],
  announce: ["all", "important", "off"],
  alertLevel: ["low", "medium", "high", "critical"],
};

function checkWord(name, word) {
  if ((word ?? undefined) === undefined || WORDS[name].includes(word)) return;
  const words = WORDS[name].map((word) => `"${word}"`);
  const last = words.pop();
  throw new TypeError(`telltale: \`${name}\` must be ${words.join(", ")} or ${last}`);
}

/** What was given as a token, by this name. Its value is in no message. */
function tokenOf(token, name) {
  if (token !== undefined && token !== null && typeof token !== "string")
    throw new TypeError(`telltale: ${name} must be a string and is ${Object.prototype.toString.call(token)}`);
  // A token that was read from an answer often ends with a newline.
  return token?.trim() ?? undefined;
}

/** A network that is just back often fails once more. All are over before the program waits for a token no longer: ten seconds. */
const RENEWAL_PAUSES_MS = [1000, 2000, 3000];

/** The language of the page around an element, also where that is in the shadow of another. */
function languageAround(element) {
  for (let inner = element; inner; inner = inner.getRootNode().host) {
    const outer = inner.closest("[lang]");
    if (outer) return outer.lang;
  }
}

/**
 * Which language is spoken and its texts, as JSON. Those of the host go before ours. One whose texts are nowhere is
 * English.
 */
async function languageOf(element, lang, strings) {
  const tag = lang || languageAround(element) || "en";
  const known = LANGUAGES.find((known) => known === tag.toLowerCase().split("-")[0]);
  let ours;
  if (known)
    try {
      const signal = AbortSignal.timeout(LOOKS_MS);
      const answer = await fetch(new URL(`./lang/${known}.json`, import.meta.url), { signal });
      if (answer.ok) ours = await answer.json();
    } catch {
      // The host's policy or its network does not let it in, or not in time.
    }
  if (!ours && !strings) return ["en", "{}"];
  return [tag, JSON.stringify({ ...ours, ...strings })];
}

const DISPOSE = Symbol.dispose ?? Symbol.for("Symbol.dispose");

const OF_CLIENT = ["signal", "server", "token", "getToken", "announce", "wasm"];
const OF_PANEL = ["client", "signal", "theme", "lang", "strings"];
const OF_MEDIA = ["mediaId", "onCancel"];
/** What the program tells, and who is called with it. */
const CALLBACKS = { alert: "onAlert", watch: "onWatch", "video-frame": "onVideoFrame" };
const OF_MEETING = ["meetingId", "alertLevel", ...Object.values(CALLBACKS)];
const ALL = [...OF_CLIENT, ...OF_PANEL, ...OF_MEDIA, ...OF_MEETING];

const isGiven = (value) => value !== undefined && value !== null;

/** A misspelt callback would never be called, and nobody would know. `what` takes the options of these names. */
function checkKeys(options, what, ...kinds) {
  const names = [...new Set(kinds.flat())];
  for (const [key, value] of Object.entries(options)) {
    if (names.includes(key)) continue;
    if (ALL.includes(key) && !isGiven(value)) continue;
    const wrong = ALL.includes(key) ? `no option of ${what}` : "no option";
    throw new TypeError(`telltale: \`${key}\` is ${wrong}: there are ${names.map((key) => `\`${key}\``).join(", ")}`);
  }
}

/** What is the same for all that takes options. */
function checkOptions(options) {
  if (typeof options !== "object" || options === null) throw new TypeError("telltale: `options` must be an object");
  for (const callback of ["getToken", "onCancel", ...Object.values(CALLBACKS)])
    if (typeof (options[callback] ?? connect) !== "function")
      throw new TypeError(`telltale: \`${callback}\` must be a function`);
  if (isGiven(options.signal) && !(options.signal instanceof AbortSignal))
    throw new TypeError("telltale: `signal` must be an AbortSignal");
  for (const name of Object.keys(WORDS)) checkWord(name, options[name]);
}

/** One connection for several panels. See index.d.ts. */
export function connect(options) {
  checkOptions(options);
  checkKeys(options, "a client", OF_CLIENT);
  return new Client(options);
}

/**
 * A server, the token for it, and the panels that show what it says. The program connects with the first of them. What
 * index.d.ts does not declare is for `mount`.
 */
class Client {
  #options;
  #token;
  /** The program's half, and the promise of it. */
  #program;
  #starting;
  #isClosed = false;
  /** What unmounts each of them. */
  panels = new Set();
  #close = () => this.close();

  constructor(options) {
    const { server, token, signal } = options;
    if (typeof server !== "object" || server === null)
      throw new TypeError("telltale: `server` must be an object with `kind` and `url`");
    this.#options = options;
    this.#token = tokenOf(token, "`token`");
    signal?.throwIfAborted();
    signal?.addEventListener("abort", this.#close, { once: true });
  }

  /** The program's half. What failed is tried again by the next panel. */
  start() {
    this.#starting ??= this.#start();
    this.#starting.catch(() => (this.#starting = undefined));
    return this.#starting;
  }

  async #start() {
    const { server, getToken, wasm } = this.#options;
    const asked = (async () => this.#token ?? tokenOf(await getToken?.(), "what `getToken` gives"))();
    const [program, given] = await Promise.all([load(wasm), asked]);
    this.check();
    this.#token ??= given;
    // The program speaks of it by events, which it sends to an element that is in no page.
    const place = document.createElement("div");
    // Of a token that it was live with. One that is refused at once is not asked for again: no loop.
    place.addEventListener("telltale-expired", () => {
      const expired = this.#token;
      this.#renew(RENEWAL_PAUSES_MS, (next) => {
        if (next !== undefined && next !== expired) this.setToken(next);
        else this.#program?.notRenewed();
      });
    });
    try {
      // How much is spoken, and the token, may have been changed meanwhile.
      const { announce } = this.#options;
      this.#program = program.connect(place, JSON.stringify(server), this.#token, Boolean(getToken), announce);
    } catch (error) {
      // The program reads a list of servers.
      error.message = error.message.replace("servers[0]", "server");
      throw error;
    }
    return this.#program;
  }

  /** Throws if it is closed: nothing is mounted any more. */
  check() {
    if (this.#isClosed) throw new Error("telltale: the client is closed; `connect` makes another one");
  }

  /** Asks for another token once, because a person wants it. */
  signIn() {
    if (this.#options.getToken) this.#renew([], (next) => next !== undefined && this.setToken(next));
  }

  /** Asks for another token, and again after each pause if that fails, unless the present one is replaced meanwhile. */
  async #renew(pauses, use) {
    const before = this.#token;
    const isWanted = () => !this.#isClosed && this.#token === before;
    for (let failures = 0; isWanted(); failures += 1)
      try {
        const next = await this.#options.getToken();
        if (isWanted()) use(tokenOf(next, "what `getToken` gives"));
        return;
      } catch (error) {
        if (!isWanted()) return;
        if (failures >= pauses.length) {
          this.#program?.notRenewed();
          reportError(error);
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, pauses[failures]));
      }
  }

  setToken(next) {
    const given = tokenOf(next, "a token");
    if (given === undefined) throw new TypeError("telltale: a token must be a string");
    this.#token = given;
    this.#program?.setToken(given);
  }

  setAnnounce(announce) {
    checkWord("announce", announce);
    this.#options = { ...this.#options, announce };
    this.#program?.setAnnounce(announce);
  }

  close() {
    this.#isClosed = true;
    this.#options.signal?.removeEventListener("abort", this.#close);
    for (const unmount of this.panels) unmount();
    this.#program?.free();
    this.#program = undefined;
  }

  [DISPOSE]() {
    this.close();
  }
}

/**
 * The panels by their elements. What the program hands out unmounts when it is collected as garbage, and not every page
 * keeps what `mount` returns. The program holds the element, so that both stay until `unmount`.
 */
const mounted = new WeakMap();

/** Mounts the progress panel of one media, or one meeting, into an element of the page. See index.d.ts. */
export async function mount(element, options) {
  checkOptions(options);
  const { client, mediaId, meetingId, alertLevel, theme, lang, strings, signal } = options;
  if (!(element instanceof Element)) throw new TypeError("telltale: `element` must be an element of the page");
  if (isGiven(client) && !(client instanceof Client))
    throw new TypeError("telltale: `client` must be what `connect` has given");
  const isMeeting = isGiven(meetingId);
  if (isMeeting && isGiven(mediaId))
    throw new TypeError("telltale: `mediaId` and `meetingId` exclude each other; mount two panels for both");
  const what = isMeeting ? "a meeting" : isGiven(mediaId) ? "a media" : "a panel";
  const kinds = isMeeting ? OF_MEETING : isGiven(mediaId) ? OF_MEDIA : [OF_MEDIA, OF_MEETING].flat();
  if (isGiven(client)) checkKeys(options, `${what} with a client`, OF_PANEL, kinds);
  else checkKeys(options, what, OF_PANEL, OF_CLIENT, kinds);
  const [name, id] = isMeeting ? ["meetingId", meetingId] : ["mediaId", mediaId];
  const session = client ?? new Client({ ...options, signal: undefined });
  if (typeof id !== "string" || id === "")
    throw new TypeError(`telltale: \`${name}\` must be a string that is not empty`);
  checkLanguage(lang, strings);
  signal?.throwIfAborted();
  session.check();

  const host = document.createElement("div");
  host.dataset.telltale = "";
  const setTheme = (theme) => {
    checkWord("theme", theme);
    if (theme === "light" || theme === "dark") host.dataset.theme = theme;
    else delete host.dataset.theme;
  };
  setTheme(theme);
  const root = host.attachShadow({ mode: "open" });
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.href = new URL("./style.css", import.meta.url).href;
  const styled = new Promise((resolve) => {
    // Without its look it still says what there is to say.
    sheet.onload = sheet.onerror = resolve;
  });
  const looks = Promise.race([styled, new Promise((resolve) => setTimeout(resolve, LOOKS_MS))]);
  const place = document.createElement("div");
  place.className = "widget";
  // Neither an empty box nor one without its look.
  place.hidden = true;
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
        options[CALLBACKS[kind]]?.(detail);
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
  // Told by the program. The host is told of it by an event that it can cancel; what follows, a person has asked for.
  place.addEventListener("telltale-sign-in", () => {
    const init = { bubbles: true, composed: true, cancelable: true };
    if (!host.dispatchEvent(new CustomEvent("telltale-sign-in", init))) return;
    session.signIn();
  });
  let end;
  const unmount = () => {
    isMounted = false;
    panel?.unmount();
    panel = undefined;
    mounted.delete(host);
    signal?.removeEventListener("abort", unmount);
    host.remove();
    session.panels.delete(unmount);
    // Of its own, it has no other panel.
    if (!isGiven(client)) session.close();
    end();
  };
  session.panels.add(unmount);
  const ended = new Promise((_, reject) => {
    end = () => reject(signal?.aborted ? signal.reason : new Error("telltale: the client was closed meanwhile"));
  });
  // Nobody waits for it once the panel is there.
  ended.catch(() => {});
  signal?.addEventListener("abort", unmount);
  try {
    const ready = Promise.all([session.start(), languageOf(element, lang, strings)]);
    const [program, language] = await Promise.race([ready, ended]);
    // A stylesheet is fetched in a page only.
    const shown = host.isConnected ? looks : styled;
    if (host.isConnected) await Promise.race([looks, ended]);
    // Ended since the waiting was over: the races above were won before.
    if (!isMounted) await ended;
    panel = isMeeting
      ? program.mountMeeting(place, id, ...language, alertLevel, tell)
      : program.mount(place, id, ...language, Boolean(options.onCancel));
    mounted.set(host, panel);
    shown.then(() => (place.hidden = false));
  } catch (error) {
    unmount();
    throw error;
  }
  return {
    unmount,
    setTheme,
    /** How much is spoken; what was said stays as it is. */
    setAnnounce: (announce) => session.setAnnounce(announce),
    /** Another token, for instance after the person signed in again. */
    setToken: (token) => session.setToken(token),
    /** Another language; what is shown stays as it is. */
    async setLanguage(lang, strings) {
      checkLanguage(lang, strings);
      const asked = (asking = {});
      const language = await languageOf(element, lang, strings);
      // Of two calls the later counts, whichever has its texts first.
      if (asked === asking) panel?.setLanguage(...language);
    },
    [DISPOSE]: unmount,
  };
}
