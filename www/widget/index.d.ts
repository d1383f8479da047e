/// <reference lib="esnext.disposable" />

/** Which server to speak to: the same keys as an entry of the page's `config.json`. */
export interface Server {
  /** Its vocabulary. */
  kind: "analysis" | "library" | "interview" | "meeting";
  /**
   * Absolute, or beginning with `/` on this page's own server. REST is called below it, at `/api/v1/…`: on another origin
   * CORS must allow the header `Authorization`.
   */
  url: string;
  /** Where Socket.IO listens on that origin; `/socket.io/` unless given. */
  path?: string;
  /** Which transports are tried, and in which order; `["websocket", "polling"]` unless given. */
  transports?: readonly ("websocket" | "polling")[];
  /** What people call it. */
  name?: string;
}

/** What a connection takes. What is `undefined` or `null` is not given; a key that is none of these is refused. */
export interface ClientOptions<Kind extends Server["kind"] = Server["kind"]> {
  /** Of a media, one that analyses media; of a meeting, one that watches meetings. */
  server: Server & { kind: Kind };
  /** The token of who is signed in. It is kept in memory and sent in the CONNECT packet and as `Authorization` only. */
  token?: string;
  /**
   * Asked for the token when mounting, where there is no `token`; and once more when the server takes the one before no
   * more, after the panel was live with it: whoever can renew it does so here within ten seconds, and nobody has to sign
   * in or hears of it. If it throws then, it is asked again after 1, 2 and 3 seconds. If it gives the same or none, or
   * goes on throwing, the panel offers to sign in. When a person wants that, the panel announces `telltale-sign-in`, and
   * asks here once more unless the event's default is prevented.
   */
  getToken?: () => string | null | undefined | Promise<string | null | undefined>;
  /**
   * How much a screen reader is told: everything; ends, alerts from medium severity on, failures and whether we are
   * connected (unless given); or nothing.
   */
  announce?: "all" | "important" | "off";
  /**
   * Where the program is, if not beside this file; the first panel of a page says it for all. `style.css` and `lang/` are
   * fetched from beside this file in any case: a bundler that puts it elsewhere needs the three copied there.
   */
  wasm?: string | URL | Request | Response | BufferSource | WebAssembly.Module;
  /** Ends it when it is aborted: a panel as `unmount` does, a client as `close` does. */
  signal?: AbortSignal;
}

/**
 * One connection for several panels of one server and one person, instead of one for each: servers limit both connections
 * and requests. What is spoken of all of them, one that is in sight speaks.
 */
export interface Client {
  /** Uses another token from now on. Throws a `TypeError` if it is no string. */
  setToken(token: string): void;
  /** Speaks more or less to a screen reader from now on. Throws a `TypeError` if it is none of the words. */
  setAnnounce(announce?: ClientOptions["announce"]): void;
  /** Unmounts its panels and closes the connection. A second call does nothing. */
  close(): void;
  [Symbol.dispose](): void;
}

/**
 * A client. It connects with the first panel that is mounted with it, and stays connected without any until it is closed.
 * Throws a `TypeError` that names the option that is wrong; where the program cannot be loaded or `getToken` throws, each
 * `mount` says so, and the next one tries again.
 */
export function connect(options: ClientOptions): Client;

/** What every panel takes. What is `undefined` or `null` is not given; a key that is none of a panel's is refused. */
export interface CommonOptions {
  /** `auto` follows the system. */
  theme?: "auto" | "light" | "dark";
  /**
   * The language, as a BCP 47 tag: that of the element it is mounted into unless given. The package has English, German
   * (`de`) and Arabic (`ar`), which it fetches from its own folder; another one, or one that does not come within five
   * seconds, is English unless there are `strings`.
   */
  lang?: string;
  /** Texts of your own, which go before the package's. What they lack is said in English. */
  strings?: Strings;
  /** Ends the panel when it is aborted, as `unmount` does; while it is being mounted, `mount` rejects with the reason. */
  signal?: AbortSignal;
}

/** A connection of the panel's own, or a client's. */
export type Connection<Kind extends Server["kind"]> =
  | (ClientOptions<Kind> & { client?: undefined })
  | ({ client: Client } & { [Key in Exclude<keyof ClientOptions, "signal">]?: undefined });

/**
 * Texts by their names: see the package's `lang/de.json` for all of them. What stands in braces is filled in. A text
 * about a number of things has its forms by the plural categories of Unicode.
 */
export type Strings = Record<
  string,
  string | Partial<Record<"zero" | "one" | "two" | "few" | "many" | "other", string>>
>;

/**
 * A panel of one media. Where the server can analyse it once more, it offers that when the analysis has ended.
 */
export type MediaOptions = CommonOptions & Connection<"analysis" | "library" | "interview"> & MediaShown;

/** What a panel of a media takes of its own. */
export interface MediaShown {
  /** The media whose analysis is shown, by the server's id. */
  mediaId: string;
  meetingId?: undefined;
  /**
   * Asks your server to cancel the analysis of this media. With it, the panel of an analysis that waits or runs has a
   * *Cancel* button, which asks the person once and then calls this. The panel says *Cancelling…* until the server says
   * that the analysis has ended; nothing is shown as cancelled before. If it has not said so after a minute, the panel
   * tells that and has the button again. If it throws or its promise is rejected, the panel
   * shows the first line of the error's message, as foreign text, and the button again.
   */
  onCancel?: (mediaId: string) => void | Promise<void>;
}

/** A panel of one meeting, which the page is in as long as the panel, or another one of it and its client, is mounted. */
export type MeetingOptions = CommonOptions & Connection<"meeting"> & MeetingShown;

/** What a panel of a meeting takes of its own. */
export interface MeetingShown {
  /** The meeting, by the server's id. */
  meetingId: string;
  mediaId?: undefined;
  /** From which severity on the host is told; `high` unless given. An alert of unknown severity is below `low`. */
  alertLevel?: "low" | "medium" | "high" | "critical";
  /**
   * Called once for each alert that is news, at once and never throttled, also while the page is hidden: to pause the
   * media of a participant, for instance. A repeated alert, or one that comes again after a reconnect, is no news.
   * The panel's element announces the same as `telltale-alert`.
   */
  onAlert?: (alert: Alert) => void;
  /**
   * Called with `watched: true` when the server has let the panel into the meeting, and with `false` as soon as the panel
   * finds that it is out: the connection is lost, or the server has ended it. From then on no alert is heard, until
   * `true` comes again. A connection that falls silent is found lost after up to a minute, and until the first `true`
   * nothing is watched. The panel's element announces the same as `telltale-watch`.
   */
  onWatch?: (watch: Watch) => void;
  /** Called for each picture of the meeting. The panel's element announces the same as `telltale-video-frame`. */
  onVideoFrame?: (frame: VideoFrame) => void;
}

export type Options = MediaOptions | MeetingOptions;

/** Whether alerts of a meeting are heard. */
export interface Watch {
  meetingId: string;
  watched: boolean;
}

export type Severity = "unknown" | "low" | "medium" | "high" | "critical";

/** An alert as the panel shows it: all that was said of one participant and one type. What nobody said is `null`. */
export interface Alert {
  meetingId: string;
  participantId: string | null;
  /** Where the server knows a name. Foreign text, as are `type`, `message` and `advice`: never markup. */
  participantName: string | null;
  /** How bad this alert is itself. `alertLevel` compares it. */
  severity: Severity;
  /** The worst that was said of this participant and type, this one included; it may be long ago. */
  worstSeverity: Severity;
  /** The first of its participant and type; worse than those before it; or none was as bad for a minute. */
  reason: "new" | "raised" | "again";
  /** The worst before, if `reason` is `raised`. */
  raisedFrom: Severity | null;
  /** In the server's word: `voice_clone_detected`. */
  type: string | null;
  /** This alert's own, as are `advice`, `confidence` and `time`. */
  message: string | null;
  advice: string | null;
  /** How sure the detector is, 0 to 1. */
  confidence: number | null;
  /** How many alerts of this participant and type there were. */
  count: number;
  /** ISO 8601, by the server's clock. */
  time: string | null;
  /** Whether it says of itself that it is made up, for a demonstration. */
  simulated: boolean;
}

/** A picture of a meeting, in whatever form the server sends it. */
export interface VideoFrame {
  meetingId: string;
  participantId: string | null;
  /** ISO 8601, by the server's clock. */
  time: string | null;
  /** At most 8 MiB. All who are told of this picture share the bytes: copy what you transfer. */
  frame: Uint8Array<ArrayBuffer>;
}

/**
 * What a panel announces, from within the element that it was mounted into: these events bubble, so that the element, the
 * document and the window hear them.
 */
export interface TelltaleEventMap {
  "telltale-alert": CustomEvent<Alert>;
  "telltale-watch": CustomEvent<Watch>;
  "telltale-video-frame": CustomEvent<VideoFrame>;
  /** A person wants to sign in again. Then `getToken` is asked, if there is one, unless the default is prevented. */
  "telltale-sign-in": CustomEvent<null>;
}

declare global {
  interface GlobalEventHandlersEventMap extends TelltaleEventMap {}
}

export interface Panel {
  /**
   * Closes the connection, unless it is a client's, and removes everything that was added to the page. A second call does
   * nothing. Taking the element out of the page does not end the panel: only this does, its client's `close`, or the
   * custom element that made it.
   */
  unmount(): void;
  /** As that of its client. */
  setToken(token: string): void;
  /** Looks otherwise from now on. Throws a `TypeError` if it is none of the words. */
  setTheme(theme?: Options["theme"]): void;
  /** As that of its client. */
  setAnnounce(announce?: ClientOptions["announce"]): void;
  /**
   * Speaks another language from now on, as `lang` and `strings` say when mounting. Nothing that is shown is lost. Rejects
   * with a `TypeError` that names what is wrong.
   */
  setLanguage(lang?: string, strings?: Strings): Promise<void>;
  [Symbol.dispose](): void;
}

/**
 * Mounts the progress panel of one media, or one meeting, into `element`, beside what is there. No rule of the page reaches
 * the box that it adds: place, size and hide `element`.
 *
 * Rejects with a `TypeError` that names the option that is wrong, or with an `Error` that says why the program could
 * not be loaded, or with what `getToken` throws; then nothing is left in the page. It waits for the token as long as that
 * takes: `signal` ends that.
 */
export function mount(element: Element, options: Options): Promise<Panel>;

/** Loads the program before it is needed. */
export function load(wasm?: Options["wasm"]): Promise<unknown>;
