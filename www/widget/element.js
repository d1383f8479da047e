// <telltale-progress> and <telltale-meeting>: the panels as custom elements. Each is defined once, whoever else defined
// it before.
//
// Attributes are strings: server-kind, server-url, server-path, theme, announce, lang, and media-id, or meeting-id and alert-level. The
// token is a property, never an attribute: attributes show in every dump of the page.
import { mount } from "./index.js";

const COMMON = ["server-kind", "server-url", "server-path", "theme", "announce"];

class TelltaleElement extends HTMLElement {
  #panel;
  /** What is mounted or being mounted: the attributes and where the token comes from; empty if nothing is. */
  #mounted = [];
  #generation = 0;
  #isScheduled = false;
  #getToken;
  #onCancel;

  /** Called for the token when the panel is mounted. */
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

  connectedCallback() {
    // A property that was set before the element was defined shadows the accessor: it is set again, properly.
    for (const name of ["getToken", "onCancel"])
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
    // Another language is no other panel.
    if (name === "lang") this.#panel?.setLanguage(after ?? undefined).catch(reportError);
    else this.#schedule();
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
    const names = this.constructor.observedAttributes.filter((name) => name !== "lang");
    const attributes = names.map((name) => this.getAttribute(name) ?? undefined);
    const [kind, url, path, theme, announce, id, ...more] = attributes;
    const isWanted = this.isConnected && kind && url && id;
    // Another function that cancels is no other panel: only whether there is one shows.
    const given = this.#onCancel ?? undefined;
    const onCancel = typeof given === "function" ? (mediaId) => this.#onCancel(mediaId) : given;
    const cancels = this.constructor.cancels && onCancel !== undefined;
    const wanted = isWanted ? [...attributes, this.#getToken, cancels] : [];
    if (wanted.length === this.#mounted.length && wanted.every((value, at) => value === this.#mounted[at])) return;
    this.#mounted = wanted;
    const generation = ++this.#generation;
    this.#panel?.unmount();
    this.#panel = undefined;
    if (!isWanted) return;
    try {
      const lang = this.getAttribute("lang") ?? undefined;
      const options = { server: { kind, url, path }, theme, announce, lang, getToken: this.#getToken, onCancel };
      const panel = await mount(this, { ...options, ...this.constructor.shown(id, ...more) });
      if (generation !== this.#generation) {
        panel.unmount();
        return;
      }
      this.#panel = panel;
      // It may have been given another while it was being mounted.
      if ((this.getAttribute("lang") ?? undefined) !== lang)
        await panel.setLanguage(this.getAttribute("lang") ?? undefined);
    } catch (error) {
      // What went wrong with a mount that nobody waits for any more is no news.
      if (generation !== this.#generation) return;
      // The next change tries again, also one that leads back here.
      this.#mounted = [];
      this.dispatchEvent(new CustomEvent("telltale-error", { detail: error, bubbles: true, composed: true }));
    }
  }
}

class TelltaleProgress extends TelltaleElement {
  static observedAttributes = [...COMMON, "media-id", "lang"];
  static shown = (mediaId) => ({ mediaId });
  static cancels = true;
}

class TelltaleMeeting extends TelltaleElement {
  static observedAttributes = [...COMMON, "meeting-id", "alert-level", "lang"];
  static shown = (meetingId, alertLevel) => ({ meetingId, alertLevel });
}

for (const [name, element] of [
  ["telltale-progress", TelltaleProgress],
  ["telltale-meeting", TelltaleMeeting],
])
  if (!customElements.get(name)) customElements.define(name, element);
