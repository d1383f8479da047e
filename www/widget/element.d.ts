import type { MediaOptions, Options, Panel, TelltaleEventMap } from "./index.js";

/** What the elements announce beside the events of their panels. */
interface ElementEventMap extends HTMLElementEventMap, TelltaleEventMap {
  /** The panel could not be mounted. It is a line in the console, too, unless the default is prevented. */
  "telltale-error": CustomEvent<Error>;
}

/**
 * Other attributes of the server, another id, another `alert-level` or another `getToken` make it another panel, which
 * knows nothing of what the one before showed: set what goes together at once. `theme`, `announce`, `lang`, `strings` and
 * `setToken` only change it. Where the program is, if it is elsewhere, `load(url)` of the package says before.
 */
interface TelltaleElement extends HTMLElement {
  getToken: Options["getToken"];
  /** Texts that go before the package's. */
  strings: Options["strings"];
  /** As that of a panel; nothing while there is none. */
  setToken: Panel["setToken"];
  addEventListener<K extends keyof ElementEventMap>(
    type: K,
    listener: (this: this, event: ElementEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<K extends keyof ElementEventMap>(
    type: K,
    listener: (this: this, event: ElementEventMap[K]) => unknown,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | EventListenerOptions,
  ): void;
}

/** `<telltale-progress server-kind server-url [server-path] media-id [theme] [announce] [lang]>` */
export interface TelltaleProgressElement extends TelltaleElement {
  /** With it, an analysis that waits or runs can be cancelled. */
  onCancel: MediaOptions["onCancel"];
}

/** `<telltale-meeting server-url [server-path] meeting-id [alert-level] [theme] [announce] [lang]>` */
export interface TelltaleMeetingElement extends TelltaleElement {}

declare global {
  interface HTMLElementTagNameMap {
    "telltale-progress": TelltaleProgressElement;
    "telltale-meeting": TelltaleMeetingElement;
  }
}
