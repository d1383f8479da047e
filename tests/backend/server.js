/**
 * The reference servers put together: four backends, the page, one listener and, for tests, the control interface.
 *
 * Law: `start` returns when everything answers, `close` when nothing is left: no port, no thread, no file.
 */
import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import express from "express";
import { createAnalysis } from "./analysis.js";
import { embeddedChannel, redisChannel } from "./channel.js";
import { controlServer } from "./control.js";
import { createInterview } from "./interview.js";
import { createLibrary } from "./library.js";
import { Listener } from "./listener.js";
import { createMeeting } from "./meeting.js";
import { contentSecurityPolicy, staticFiles } from "./static.js";

/** What a server is started with when nothing else is said. */
export const DEFAULTS = {
  port: 4173,
  dist: resolve(import.meta.dirname, "../../dist"),
  /** a file served as /config.json instead of the page's own */
  configFile: null,
  /** further origins for the policy's connect-src */
  cspConnect: [],
  /** bytes */
  maxUpload: 200_000_000,
  /** bytes a second that a detector reads; 0 = as fast as it can. 4 MB/s: three detectors need 24 s for 30 MB */
  pace: 4 * 1024 * 1024,
  /** milliseconds before the second attempt; the third waits twice as long */
  retryDelay: 5000,
  /** seconds, instead of each backend's own lifetime of a token */
  tokenLife: null,
  /** "real" or "documented" */
  names: "real",
  /** what the real systems' front ends have as their origin */
  corsOrigin: "http://localhost:5173",
  /** how much faster than real time a simulated meeting runs */
  scenarioSpeed: 1,
  control: false,
  controlPort: 0,
  redisUrl: null,
  /** the demo's signing secret: the same for every instance and after every start, so that tokens stay valid */
  secret: "telltale-reference-server",
  apiKey: "telltale-demo-key",
  report: (text) => console.error(text),
};

/** @param {Partial<typeof DEFAULTS>} given */
export async function start(given = {}) {
  const options = { ...DEFAULTS, ...given };
  const folder = await mkdtemp(join(tmpdir(), "telltale-"));
  const forget = () => rmSync(folder, { recursive: true, force: true });
  // The last resort when the process ends without `close`.
  process.once("exit", forget);

  const channel = options.redisUrl ? await redisChannel(options.redisUrl, options.report) : embeddedChannel();
  const ctx = {
    settings: {
      pace: options.pace,
      retryDelay: options.retryDelay,
      scenarioSpeed: options.scenarioSpeed,
    },
    uploads: { folder, maxBytes: options.maxUpload },
    secret: options.secret,
    lifeSeconds: options.tokenLife,
    corsOrigin: options.corsOrigin,
    names: options.names,
    apiKey: options.apiKey,
    report: options.report,
    channel,
  };
  const backends = {
    analysis: await createAnalysis(ctx),
    library: await createLibrary(ctx),
    meeting: await createMeeting(ctx),
    interview: await createInterview(ctx),
  };

  const app = express();
  app.disable("x-powered-by");
  for (const backend of Object.values(backends)) {
    for (const [path, router] of backend.mounts) app.use(path, router);
  }
  app.get("/analysis/media/:id", (req, res, next) => {
    const item = backends.analysis.file(req.params.id);
    if (!item) return next();
    // The type that the bytes have, never one that the sender claims: an upload must not become a page.
    res.type(item.kind.mimetype ?? "application/octet-stream");
    res.sendFile(item.path);
  });
  app.use(staticFiles(options));

  const listener = new Listener(
    app,
    Object.values(backends).map(({ sockets }) => sockets),
    {
      "Content-Security-Policy": contentSecurityPolicy(options.cspConnect),
      "X-Content-Type-Options": "nosniff",
      "Referrer-Policy": "no-referrer",
    },
  );
  const port = await listener.start(options.port);
  const control = options.control ? await controlServer({ backends, listener, ctx }, options.controlPort) : null;

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    controlUrl: control?.url ?? null,
    backends,
    listener,
    async close() {
      await control?.close();
      await listener.stop();
      await Promise.all(Object.values(backends).map((backend) => backend.close()));
      await channel.close();
      await rm(folder, { recursive: true, force: true });
      process.off("exit", forget);
    },
  };
}
