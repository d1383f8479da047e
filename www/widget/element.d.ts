import type { MediaOptions, Options, TelltaleEventMap } from "./index.js";

/** What the elements announce beside the events of their panels. */
interface ElementEventMap extends HTMLElementEventMap, TelltaleEventMap {
  /** The panel could not be mounted. */
  "telltale-error": CustomEvent<Error>;
}

interface TelltaleElement extends HTMLElement {
  getToken: Options["getToken"];
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
}

/** `<telltale-progress server-kind server-url [server-path] media-id [theme] [announce] [lang]>` */
export interface TelltaleProgressElement extends TelltaleElement {
  /** With it, an analysis that waits or runs can be cancelled. */
  onCancel: MediaOptions["onCancel"];
}

/** `<telltale-meeting server-kind="meeting" server-url [server-path] meeting-id [alert-level] [theme] [announce] [lang]>` */
export interface TelltaleMeetingElement extends TelltaleElement {}

declare global {
  interface HTMLElementTagNameMap {
    "telltale-progress": TelltaleProgressElement;
    "telltale-meeting": TelltaleMeetingElement;
  }
}
