/**
 * A `socket.io` server for the conformance cases: it does what it is told on stdin and says on stdout what it saw.
 *
 * Law: one JSON object a line, both ways. `{"do": …}` is answered by `{"done": …}` once it has been done, so a test
 * waits for what it asked for and never for time. Everything else that it says is news: `{"saw": …}`.
 *
 * Started with one argument, the options as JSON: `adapter` ("memory", "redis" or "redis-streams", the last two over a
 * Redis that is started here), `instances` (how many servers; commands go to the first unless they say `at`), `sticky`
 * (false: connections go to the instances in turn, whatever their session), and `server`, which socket.io gets as it is.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { createAdapter as createRedisAdapter } from "@socket.io/redis-adapter";
import { createAdapter as createStreamsAdapter } from "@socket.io/redis-streams-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";

const { adapter = "memory", instances = 1, sticky = true, server: options = {} } = JSON.parse(process.argv[2] ?? "{}");

const say = (line) => process.stdout.write(`${JSON.stringify(line, bytesAsHex)}\n`);

/** Attachments in a log: `bytes:0102`. A Buffer's own toJSON has run before, hence the shape. */
function bytesAsHex(_, value) {
  const isBytes = value?.type === "Buffer" && Array.isArray(value.data);
  return isBytes ? `bytes:${Buffer.from(value.data).toString("hex")}` : value;
}

/** Arguments of a command, with `bytes:0102` for attachments. */
const reviveBytes = (_, value) =>
  typeof value === "string" && value.startsWith("bytes:") ? Buffer.from(value.slice(6), "hex") : value;

// ── Redis ────────────────────────────────────────────────────────────────────────────────────────────────────────

let redis = null;

/** A Redis of our own on a free port, without a file. */
async function startRedis() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  const flags = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
  redis = spawn("redis-server", flags, { stdio: ["ignore", "pipe", "ignore"] });
  // However we end, it holds nothing that is worth keeping.
  process.on("exit", () => redis.kill("SIGKILL"));
  for await (const line of createInterface({ input: redis.stdout })) if (/Ready to accept/.test(line)) break;
  redis.stdout.resume();
  return `redis://127.0.0.1:${port}`;
}

const redisUrl = adapter === "memory" ? null : await startRedis();

async function redisClient() {
  const client = createClient({ url: redisUrl });
  client.on("error", () => {}); // at the end Redis goes first
  await client.connect();
  return client;
}

async function adapterOptions() {
  if (adapter === "redis") return { adapter: createRedisAdapter(await redisClient(), await redisClient()) };
  if (adapter === "redis-streams") return { adapter: createStreamsAdapter(await redisClient()) };
  return {};
}

// ── the servers ──────────────────────────────────────────────────────────────────────────────────────────────────

/** Namespaces that exist; `/` asks nothing, `/closed` refuses, `/silent` never answers. */
const NAMESPACES = ["/", "/a", "/b", "/closed", "/silent"];

async function startInstance(port) {
  const http = createHttpServer();
  const io = new Server(http, { serveClient: false, ...options, ...(await adapterOptions()) });
  for (const name of NAMESPACES) serve(io.of(name));
  io.engine.on("connection", (connection) => {
    say({ saw: "open", transport: connection.transport.name });
    connection.on("upgrade", (transport) => say({ saw: "upgrade", transport: transport.name }));
    connection.on("close", (reason) => say({ saw: "close", reason }));
  });
  // A connection that was refused has no session to say so.
  io.engine.on("connection_error", ({ code, message }) => say({ saw: "refused", code, message }));
  if (sticky) {
    http.listen(port, "127.0.0.1");
    await once(http, "listening");
  }
  return { io, http, port: http.address()?.port ?? 0 };
}

function serve(namespace) {
  namespace.use((socket, next) => {
    if (namespace.name === "/closed") {
      const refusal = new Error("not authorized");
      refusal.data = { content: "please retry" };
      next(refusal);
    } else if (namespace.name !== "/silent") next();
  });
  namespace.on("connection", (socket) => {
    const nsp = namespace.name;
    const { auth } = socket.handshake;
    const { name } = socket.conn.transport;
    say({ saw: "connect", nsp, id: socket.id, auth, recovered: socket.recovered, transport: name });
    socket.on("disconnect", (reason) => say({ saw: "disconnect", nsp, id: socket.id, reason }));
    socket.onAny((event, ...args) => {
      const answer = typeof args.at(-1) === "function" ? args.pop() : null;
      say({ saw: "event", nsp, event, args, asks: answer !== null });
      if (event === "leave") socket.disconnect();
      if (event === "echo") socket.emit("echo", ...args);
      if (event !== "silent") answer?.(...args);
    });
  });
}

/** Servers behind one port, each connection at the next of them. */
function startTurns() {
  let turn = 0;
  const door = createServer((socket) => running[turn++ % running.length].http.emit("connection", socket));
  door.listen(0, "127.0.0.1");
  return door;
}

const running = [];
for (let n = 0; n < instances; n++) running.push(await startInstance(0));
const door = sticky ? null : startTurns();
if (door) await once(door, "listening");

// ── commands ─────────────────────────────────────────────────────────────────────────────────────────────────────

const commands = {
  /** To everybody in a namespace, or with `volatile` to those who can be written to now. */
  emit: ({ io, nsp = "/", event, args = [], volatile }) => {
    const to = volatile ? io.of(nsp).volatile : io.of(nsp);
    to.emit(event, ...args);
  },
  /** To each socket of a namespace by itself, with an answer; gives the answers. */
  ask: async ({ io, nsp = "/", event, args = [], timeout = 2000 }) =>
    io
      .of(nsp)
      .timeout(timeout)
      .emitWithAck(event, ...args),
  /** DISCONNECT; with `close` the connection, too. */
  disconnect: ({ io, nsp = "/", close = false }) => io.of(nsp).disconnectSockets(close),
  /** Ends every connection as Engine.IO does. */
  closeConnections: ({ io }) => each(io, (connection) => connection.close()),
  /** Ends every connection as a broken network does. */
  cut: ({ io }) => each(io, (connection) => connection.transport.socket?._socket?.destroy()),
  /** Ends the server, its connections first. */
  stop: async ({ instance }) => {
    await instance.io.close();
  },
  /** A new server on the same port: it knows nothing of the old one's sessions. */
  start: async ({ at }) => {
    running[at] = await startInstance(running[at].port);
  },
  /** How many connections and sockets there are. */
  count: ({ io, nsp = "/" }) => ({ connections: io.engine.clientsCount, sockets: io.of(nsp).sockets.size }),
};

function each(io, what) {
  for (const connection of Object.values(io.engine.clients)) what(connection);
}

say({ listening: door ? [door.address().port] : running.map(({ port }) => port) });
for await (const line of createInterface({ input: process.stdin })) {
  const { do: name, at = 0, ...command } = JSON.parse(line, reviveBytes);
  try {
    const instance = running[at];
    const result = await commands[name]({ ...command, at, instance, io: instance.io });
    say({ done: name, result: result ?? null });
  } catch (error) {
    say({ done: name, error: error.message });
  }
}
// Whoever started us is gone, or wants us to end.
for (const { io } of running) await io.close().catch(() => {});
process.exit(0);
