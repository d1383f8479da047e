import type { Options } from "./index.js";

/** `<telltale-progress server-kind server-url [server-path] media-id [theme]>` */
export interface TelltaleProgressElement extends HTMLElement {
  getToken: Options["getToken"];
}

declare global {
  interface HTMLElementTagNameMap {
    "telltale-progress": TelltaleProgressElement;
  }
}
