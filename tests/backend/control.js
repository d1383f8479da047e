/**
 * The control interface: what a test does to the servers that a network, a crash or a bad day would do. It listens on
 * its own port of the loopback address, so that it answers while the main listener is stopped; it is open only with
 * `--control`. Everything is JSON; an answer is `{ok: true, …}` or 400 `{ok: false, error}`.
 *
 * `backend` is analysis, library, meeting or interview.
 *
 *   GET  /control/state       media with runs and models, meetings, counts of emitted and dropped events, settings
 *   POST /control/emit        {backend, event, args: [], to?: {room} | {user: email} | {socket: id}}  to everybody
 *                             without `to`; the vocabulary and the rules do not touch it; in args, an object
 *                             {base64: "…"} stands for the bytes, which leave as an attachment
 *   POST /control/frame       {backend, frame}  raw text to every connection, e.g. "4zzz" or "42{bad" → {reached}
 *   POST /control/fail        {backend?, model?, times}  the next attempts of a model (any without it) fail after 30 %
 *   POST /control/rule        {backend, event, action: drop|delay|duplicate|reorder, count?, skip?, ms?, copies?,
 *                             window?, match?: {field: value}} → {id}; `event` may end in `*`
 *   POST /control/rules/clear {backend?}  what rules hold back leaves
 *   POST /control/disconnect  {backend, how: server|tcp|silent, user?: email} → {ended}
 *   POST /control/tokens      {backend?, refuse?: number | true | false, expireAll?: true}  handshakes refused
 *   POST /control/token       {backend, user?: email, claims?: {}, lifeSeconds?} → {token}  any claims, signed
 *   POST /control/rest        {backend, status?, count?, delayMs?, path?, method?}  path inside the backend
 *   POST /control/listener    {action: stop|start|silence|speak, restartAfterMs?}  analyses go on meanwhile
 *   POST /control/switch      {backend?, name, value}  see SWITCHES of each backend
 *   POST /control/settings    {pace?, retryDelay?, scenarioSpeed?}
 *   POST /control/reset       {media?: true}  rules, failures, refusals, switches, counts; with `media` the stores too
 *
 * Law: a request is carried out before it is answered, except a restart that was asked for later.
 */
import { createServer } from "node:http";
import express from "express";
import { findAccount, demoAccounts } from "./accounts.js";

/** How deep bytes are looked for in what is emitted. */
const MOST_DEPTH = 8;

/** Largest control request: a test may send a frame above Socket.IO's own limit of 1 MB. */
const MOST_BODY = "40mb";

/**
 * @param {{backends: Record<string, object>, listener: import("./listener.js").Listener, ctx: object}} servers
 * @param {number} port 0 = any
 */
export async function controlServer({ backends, listener, ctx }, port) {
  const initial = { ...ctx.settings };
  let restart = null;

  const one = (name) => {
    if (!Object.hasOwn(backends, name ?? "")) throw new Error(`no backend is named ${name}`);
    return backends[name];
  };
  const some = (name) => (name === undefined ? Object.values(backends) : [one(name)]);

  const accountOf = (email) => {
    const known = demoAccounts().find((account) => account.email === email);
    if (!known) throw new Error(`no account is named ${email}`);
    return findAccount(known.email, known.password);
  };

  const counted = (value, name) => {
    if (!Number.isInteger(value) || value < 0) throw new Error(`${name} must be a whole number from 0`);
    return value;
  };

  const actions = {
    emit({ backend: name, event, args = [], to }) {
      const backend = one(name);
      if (typeof event !== "string" || !Array.isArray(args)) throw new Error("emit needs an event and a list of args");
      let target = {};
      if (to?.room !== undefined) target = { room: to.room };
      else if (to?.user !== undefined) target = { room: backend.room(accountOf(to.user)) };
      else if (to?.socket !== undefined) target = { room: to.socket };
      backend.tap.raw(target, event, withBytes(args, MOST_DEPTH));
    },

    frame({ backend, frame }) {
      if (typeof frame !== "string") throw new Error("frame needs a text");
      return { reached: one(backend).sockets.sendFrame(frame) };
    },

    fail({ backend, model = "*", times }) {
      some(backend).forEach(({ failures }) => failures.set(model, counted(times, "times")));
    },

    rule({ backend, ...rule }) {
      return { id: one(backend).tap.addRule(rule) };
    },

    "rules/clear"({ backend }) {
      some(backend).forEach(({ tap }) => tap.clearRules());
    },

    disconnect({ backend: name, how, user }) {
      if (!["server", "tcp", "silent"].includes(how)) throw new Error("how is server, tcp or silent");
      const backend = one(name);
      return { ended: backend.sockets.disconnect(how, user && backend.room(accountOf(user))) };
    },

    tokens({ backend, refuse, expireAll }) {
      for (const { tokens } of some(backend)) {
        if (!tokens) continue;
        if (refuse === true) tokens.refusals = Infinity;
        else if (refuse === false) tokens.refusals = 0;
        else if (refuse !== undefined) tokens.refusals = counted(refuse, "refuse");
        if (expireAll) tokens.expireAll();
      }
    },

    token({ backend: name, user, claims, lifeSeconds }) {
      const { tokens } = one(name);
      if (!tokens) throw new Error(`${name} has no tokens`);
      return { token: claims ? tokens.sign(claims, lifeSeconds) : tokens.issue(accountOf(user), lifeSeconds) };
    },

    rest({ backend, ...fault }) {
      one(backend).faults.add(fault);
    },

    async listener({ action, restartAfterMs }) {
      clearTimeout(restart);
      if (action === "stop") {
        await listener.stop();
        if (restartAfterMs === undefined) return;
        restart = setTimeout(() => {
          listener.restart().catch((error) => ctx.report(`the listener could not start again: ${error.message}`));
        }, restartAfterMs);
      } else if (action === "start") await listener.restart();
      else if (action === "silence") listener.silent = true;
      else if (action === "speak") listener.silent = false;
      else throw new Error("action is stop, start, silence or speak");
    },

    switch({ backend, name, value }) {
      some(backend).forEach((each) => each.set(name, value));
    },

    settings(wanted) {
      for (const [name, value] of Object.entries(wanted)) {
        if (!(name in initial)) throw new Error(`no setting is named ${name}`);
        if (!Number.isFinite(value) || value < 0) throw new Error(`${name} must be a number from 0`);
        ctx.settings[name] = value;
      }
    },

    async reset({ media }) {
      clearTimeout(restart);
      Object.assign(ctx.settings, initial);
      listener.silent = false;
      for (const backend of Object.values(backends)) {
        backend.tap.clearRules();
        backend.tap.resetCounts();
        backend.faults.clear();
        backend.failures.clear();
        if (backend.tokens) {
          backend.tokens.refusals = 0;
          backend.tokens.expired.clear();
        }
        await backend.reset({ media });
      }
      await listener.restart();
    },
  };

  const app = express();
  app.disable("x-powered-by");
  app.use(express.json({ limit: MOST_BODY }));
  app.get("/control/state", (_req, res) => {
    const views = Object.entries(backends).map(([name, backend]) => [
      name,
      {
        ...backend.state(),
        emitted: backend.tap.emitted,
        dropped: backend.tap.dropped,
        sockets: backend.sockets.io.sockets.sockets.size,
        connections: backend.sockets.connections().length,
        switches: backend.switches,
      },
    ]);
    const listening = { port: listener.port, open: listener.server !== null, silent: listener.silent };
    res.json({ ok: true, listener: listening, settings: ctx.settings, ...Object.fromEntries(views) });
  });
  for (const [name, act] of Object.entries(actions)) {
    app.post(`/control/${name}`, async (req, res) => {
      const answer = await act(req.body && typeof req.body === "object" ? req.body : {});
      res.json({ ok: true, ...answer });
    });
  }
  app.use((_req, res) => res.status(404).json({ ok: false, error: "no such control; see control.js" }));
  app.use((error, _req, res, _next) => res.status(400).json({ ok: false, error: error.message }));

  const server = createServer(app);
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    async close() {
      clearTimeout(restart);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The same value with bytes where `{base64}` stands for them. @param {unknown} value @param {number} depth */
function withBytes(value, depth) {
  if (typeof value !== "object" || value === null || depth === 0) return value;
  if (Array.isArray(value)) return value.map((item) => withBytes(item, depth - 1));
  const members = Object.entries(value);
  if (members.length === 1 && typeof value.base64 === "string") return Buffer.from(value.base64, "base64");
  return Object.fromEntries(members.map(([key, member]) => [key, withBytes(member, depth - 1)]));
}
