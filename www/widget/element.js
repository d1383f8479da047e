// <telltale-progress> and <telltale-meeting>: the panels as custom elements. Each is defined once, whoever else defined
// it before.
//
// Attributes are strings: server-kind, server-url, server-path, theme, announce, lang, and media-id, or meeting-id and
// alert-level. The token is a property, never an attribute: attributes show in every dump of the page; so is the client,
// where several share one.
import { mount } from "./index.js";

const SERVER = ["server-kind", "server-url", "server-path"];
/** Attributes that an element with a client does not look at. */
const OF_CLIENT = [...SERVER, "announce"];

/** Attributes that change a panel. The others make it another one, which knows nothing of what the one before showed. */
const CHANGES = {
  theme: (panel, theme) => panel.setTheme(theme),
  announce: (panel, announce) => panel.setAnnounce(announce),
  lang: (panel, lang, strings) => panel.setLanguage(lang, strings),
};

/** Where there is no page, as on a server that renders one, importing does nothing. */
class TelltaleElement extends (globalThis.HTMLElement ?? Object) {
  #panel;
  /** What is mounted or being mounted: the attributes and which functions there are; or what is missing for that. */
  #mounted = [];
  /** Ends it. */
  #ending;
  #isScheduled = false;
  /** What was changed while the panel was being mounted. */
  #changed = new Set();
  #client;
  #getToken;
  #onCancel;
  #strings;

  /** What `connect` has given: then the attributes of the server, `announce` and `getToken` are the client's. */
  get client() {
    return this.#client;
  }

  set client(client) {
    this.#client = client ?? undefined;
    this.#schedule();
  }

  /** Called for the token when the panel is mounted, and when the server does not take the one before any more. */
  get getToken() {
    return this.#getToken;
  }

  set getToken(getToken) {
    this.#getToken = getToken;
    this.#schedule();
  }

  /** Called with the media's id to cancel its analysis. A meeting has none, and does nothing with it. */
  get onCancel() {
    return this.#onCancel;
  }

  set onCancel(onCancel) {
    this.#onCancel = onCancel;
    this.#schedule();
  }

  /** Texts that go before the package's. */
  get strings() {
    return this.#strings;
  }

  set strings(strings) {
    this.#strings = strings;
    this.#change("lang");
  }

  /** Uses another token from now on, where there is a panel. */
  setToken(token) {
    this.#panel?.setToken(token);
  }

  connectedCallback() {
    // A property that was set before the element was defined shadows the accessor: it is set again, properly.
    for (const name of ["client", "getToken", "onCancel", "strings"])
      if (Object.hasOwn(this, name)) {
        const value = this[name];
        delete this[name];
        this[name] = value;
      }
    // A dialog that was open when the element was moved is none any more: it would be neither in front nor closed by Escape.
    const root = this.querySelector("[data-telltale]")?.shadowRoot;
    for (const dialog of root?.querySelectorAll("dialog[open]:not(:modal)") ?? []) dialog.close();
    this.#schedule();
  }

  disconnectedCallback() {
    this.#schedule();
  }

  attributeChangedCallback(name, before, after) {
    if (before === after) return;
    if (this.#client && OF_CLIENT.includes(name)) return;
    if (name in CHANGES) this.#change(name);
    else this.#schedule();
  }

  /** Of a panel that is being mounted, what was changed meanwhile follows when it is there. */
  async #change(name) {
    if (!this.#panel) {
      this.#changed.add(name);
      this.#schedule();
      return;
    }
    try {
      await CHANGES[name](this.#panel, this.getAttribute(name) ?? undefined, this.#strings);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Several changes in one task are one mount; a move within the page is none. */
  #schedule() {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.#mount();
    });
  }

  async #mount() {
    const { id: idName, kind: usualKind, cancels, shown } = this.constructor;
    const read = (name) => this.getAttribute(name) || undefined;
    const [kind = usualKind, url, path] = SERVER.map(read);
    const [id, alertLevel] = [read(idName), read("alert-level")];
    // Another function is no other panel: the newest is called, and only whether there is one shows. A page that renders
    // makes new ones all the time.
    const called = (name) => (typeof this[name] === "function" ? (...given) => this[name](...given) : this[name]);
    const client = this.#client;
    const [getToken, onCancel] = [client ? undefined : called("getToken"), cancels ? called("onCancel") : undefined];
    const server = client ? {} : { "server-kind": kind, "server-url": url };
    const needed = { ...server, [idName]: id };
    const missing = Object.keys(needed).filter((name) => needed[name] === undefined);
    const isWanted = this.isConnected && missing.length === 0;
    const functions = [getToken, onCancel].map((it) => typeof (it ?? undefined));
    const made = [client, ...(client ? [] : [kind, url, path]), id, alertLevel, ...functions];
    const wanted = isWanted ? made : this.isConnected ? missing : [];
    if (wanted.length === this.#mounted.length && wanted.every((value, at) => value === this.#mounted[at])) return;
    this.#mounted = wanted;
    this.#ending?.abort();
    this.#panel = undefined;
    if (!isWanted) {
      // One without anything is only not filled in yet.
      if (this.isConnected && (id || url || client))
        this.#fail(new TypeError(`telltale: <${this.localName}> needs the attribute \`${missing[0]}\``));
      return;
    }
    const { signal } = (this.#ending = new AbortController());
    this.#changed.clear();
    try {
      const [theme, announce, lang] = Object.keys(CHANGES).map((name) => this.getAttribute(name) ?? undefined);
      const source = client ? { client } : { server: { kind, url, path }, announce, getToken };
      const common = { ...source, theme, lang, strings: this.#strings, signal };
      const panel = await mount(this, { ...common, onCancel, ...shown(id, alertLevel) });
      if (signal.aborted) return;
      this.#panel = panel;
      for (const name of this.#changed) await this.#change(name);
    } catch (error) {
      // What went wrong with a mount that nobody waits for any more is no news.
      if (signal.aborted) return;
      // The next change tries again, also one that leads back here.
      this.#mounted = [];
      this.#fail(error);
    }
  }

  /** Who hears of it and does what there is to do prevents the default, which is a line in the console. */
  #fail(thrown) {
    const isError = thrown instanceof Error;
    const error = isError ? thrown : new Error("telltale: `getToken` threw no error; see `cause`", { cause: thrown });
    const init = { detail: error, bubbles: true, composed: true, cancelable: true };
    if (this.dispatchEvent(new CustomEvent("telltale-error", init))) console.error(error);
  }
}

class TelltaleProgress extends TelltaleElement {
  static id = "media-id";
  static observedAttributes = [...SERVER, "media-id", ...Object.keys(CHANGES)];
  static shown = (mediaId) => ({ mediaId });
  static cancels = true;
}

class TelltaleMeeting extends TelltaleElement {
  static id = "meeting-id";
  /** There is only one that has meetings. */
  static kind = "meeting";
  static observedAttributes = [...SERVER, "meeting-id", "alert-level", ...Object.keys(CHANGES)];
  static shown = (meetingId, alertLevel) => ({ meetingId, alertLevel });
  static cancels = false;
}

for (const [name, element] of [
  ["telltale-progress", TelltaleProgress],
  ["telltale-meeting", TelltaleMeeting],
])
  if (globalThis.customElements && !customElements.get(name)) customElements.define(name, element);
