import type { Client, MediaOptions, Options, Panel } from "./index.js";

/**
 * Other attributes of the server, another id or another `alert-level` make it another panel, which knows nothing of what
 * the one before showed: set what goes together at once. So does `getToken` or `onCancel` where there was none, and none
 * where there was one; of another function only the newest is called. `theme`, `announce`, `lang`, `strings` and `setToken`
 * only change it. Where the program is, if it is elsewhere, `load(url)` of the package says before.
 */
interface TelltaleElement extends HTMLElement {
  /**
   * Shares this client's connection with the other panels that do. The attributes of the server, `announce` and `getToken`
   * are the client's then. Another client makes it another panel.
   */
  client: Client | undefined;
  getToken: Options["getToken"];
  /** Texts that go before the package's. */
  strings: Options["strings"];
  /** As that of a panel; nothing while there is none. */
  setToken: Panel["setToken"];
}

/** `<telltale-progress server-kind server-url [server-path] media-id [theme] [announce] [lang]>` */
export interface TelltaleProgressElement extends TelltaleElement {
  /** With it, an analysis that waits or runs can be cancelled. React takes it for a listener: set it by a ref. */
  onCancel: MediaOptions["onCancel"];
}

/** `<telltale-meeting server-url [server-path] meeting-id [alert-level] [theme] [announce] [lang]>` */
export interface TelltaleMeetingElement extends TelltaleElement {}

declare global {
  interface GlobalEventHandlersEventMap {
    /** The panel of an element could not be mounted. It is a line in the console, too, unless the default is prevented. */
    "telltale-error": CustomEvent<Error>;
  }
  interface HTMLElementTagNameMap {
    "telltale-progress": TelltaleProgressElement;
    "telltale-meeting": TelltaleMeetingElement;
  }
}
