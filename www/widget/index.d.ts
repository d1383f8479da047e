/** Which server to speak to: the same keys as an entry of the page's `config.json`. */
export interface Server {
  /** Its vocabulary. */
  kind: "analysis" | "library" | "interview";
  /** Absolute, or beginning with `/` on this page's own server. */
  url: string;
  /** Where Socket.IO listens on that origin; `/socket.io/` unless given. */
  path?: string;
  /** Which transports are tried, and in which order; `["websocket", "polling"]` unless given. */
  transports?: ("websocket" | "polling")[];
  /** What people call it. */
  name?: string;
}

export interface Options {
  server: Server;
  /** The media whose analysis is shown, by the server's id. */
  mediaId: string;
  /** The token of who is signed in. It is kept in memory and sent in the CONNECT packet and as `Authorization` only. */
  token?: string;
  /** Asked for the token when mounting, where there is no `token`. */
  getToken?: () => string | undefined | Promise<string | undefined>;
  /** `auto` follows the system. */
  theme?: "auto" | "light" | "dark";
  /** Where the program is, if not beside this file: for bundlers and content delivery networks. */
  wasm?: string | URL | Request | Response | BufferSource | WebAssembly.Module;
}

export interface Panel {
  /** Closes the connection and removes everything that was added to the page. A second call does nothing. */
  unmount(): void;
  /** Uses another token from now on. */
  setToken(token: string): void;
  [Symbol.dispose](): void;
}

/**
 * Mounts the progress panel of one media into `element`, beside what is there.
 *
 * Rejects with a `TypeError` that names the option that is wrong, or with an `Error` that says why the program could
 * not be loaded; then nothing is left in the page.
 */
export function mount(element: Element, options: Options): Promise<Panel>;

/** Loads the program before it is needed. */
export function load(wasm?: Options["wasm"]): Promise<unknown>;
