// <telltale-progress>: the panel as a custom element. Defined once, whoever else defined it before.
//
// Attributes are strings: server-kind, server-url, server-path, media-id, theme. The token is a property, never an
// attribute: attributes show in every dump of the page.
import { mount } from "./index.js";

const NAME = "telltale-progress";
const MOUNTED = ["server-kind", "server-url", "server-path", "media-id", "theme"];

class TelltaleProgress extends HTMLElement {
  static observedAttributes = MOUNTED;

  #panel;
  #generation = 0;
  #isScheduled = false;
  #getToken;

  /** Called for the token when the panel is mounted. */
  get getToken() {
    return this.#getToken;
  }

  set getToken(getToken) {
    this.#getToken = getToken;
    this.#schedule();
  }

  connectedCallback() {
    // A property that was set before the element was defined shadows the accessor: it is set again, properly.
    if (Object.hasOwn(this, "getToken")) {
      const { getToken } = this;
      delete this.getToken;
      this.#getToken = getToken;
    }
    this.#schedule();
  }

  disconnectedCallback() {
    this.#schedule();
  }

  attributeChangedCallback(_name, before, after) {
    if (before !== after) this.#schedule();
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
    const generation = ++this.#generation;
    this.#panel?.unmount();
    this.#panel = undefined;
    const [kind, url, path, mediaId, theme] = MOUNTED.map((name) => this.getAttribute(name) ?? undefined);
    if (!this.isConnected || !kind || !url || !mediaId) return;
    try {
      const panel = await mount(this, { server: { kind, url, path }, mediaId, theme, getToken: this.#getToken });
      if (generation === this.#generation) this.#panel = panel;
      else panel.unmount();
    } catch (error) {
      this.dispatchEvent(new CustomEvent("telltale-error", { detail: error, bubbles: true, composed: true }));
    }
  }
}

if (!customElements.get(NAME)) customElements.define(NAME, TelltaleProgress);
