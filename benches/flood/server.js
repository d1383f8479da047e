// One server for both pages: it answers their requests as the `analysis` server does, and floods their socket.
//
// Law: both pages get the same events at the same pace, over the one WebSocket that each opened. The pace does not wait
// for a page: whoever cannot follow falls behind, and that is what is measured.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { Flood, MODELS, USER } from "./script.js";

const { Server } = createRequire(new URL("../../tests/", import.meta.url))("socket.io");

/** How often the pace is looked at. A server that forwards events sends them as they come, not in heaps. */
const TICK_MS = 4;

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/** The page's configuration: this server alone. */
const CONFIG = {
  servers: [{ kind: "analysis", name: "Analysis", url: "/analysis", path: "/analysis/socket.io/" }],
};

/**
 * Serves `dist` under `/ours/` and `files` as they are, on a free port of this machine.
 * @param {{dist: string, files: Record<string, string | Uint8Array>}} content
 */
export async function startServer({ dist, files }) {
  let flood = new Flood();
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const answer = (status, type, body) => response.writeHead(status, { "Content-Type": type }).end(body);
    const rest = await restAnswer(request, pathname, flood);
    if (rest) return answer(rest.status, TYPES[".json"], JSON.stringify(rest.body));
    const name = pathname.endsWith("/") ? `${pathname}index.html` : pathname;
    if (name === "/ours/config.json") return answer(200, TYPES[".json"], JSON.stringify(CONFIG));
    const content = files[name] ?? (await fileIn(dist, name));
    if (content === undefined) return answer(404, "text/plain", "not found");
    answer(200, TYPES[extname(name)] ?? "application/octet-stream", content);
  });
  const io = new Server(server, { path: "/analysis/socket.io/" });
  io.use((socket, next) => {
    next(socket.handshake.auth.token === TOKEN ? undefined : new Error("Authentication error: Invalid token."));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    /** Forgets what was sent, for the next page. */
    reset() {
      flood = new Flood();
    },
    /** Says what became of the uploads before the flood; waits for the page's WebSocket first. */
    async queue() {
      const socket = await theOneSocket(io);
      for (const event of flood.queued()) socket.emit(...event);
    },
    /** Sends so many events a second for so long. @returns {Promise<{sent: number, millis: number}>} */
    async run(rate, seconds) {
      const socket = await theOneSocket(io);
      const total = rate * seconds;
      const begin = performance.now();
      let sent = 0;
      await new Promise((resolve, reject) => {
        socket.once("disconnect", (reason) => reject(new Error(`the page left in the flood: ${reason}`)));
        const timer = setInterval(() => {
          const due = Math.min(total, Math.floor(((performance.now() - begin) / 1000) * rate));
          for (; sent < due; sent++) socket.emit(...flood.next());
          if (sent < total && socket.connected) return;
          clearInterval(timer);
          resolve();
        }, TICK_MS);
      });
      socket.removeAllListeners("disconnect");
      return { sent, millis: performance.now() - begin };
    },
    expectedList: () => flood.expectedList(),
    expectedModels: () => flood.expectedModels(),
    async close() {
      await io.close();
    },
  };
}

const TOKEN = "token-of-the-flood";

/** What REST answers, if this is REST. */
async function restAnswer(request, pathname, flood) {
  const [, path] = /^\/analysis\/api\/v1(\/.*)$/.exec(pathname) ?? [];
  if (!path) return undefined;
  const ok = (data) => ({ status: 200, body: { statusCode: 200, data, message: "Success", success: true } });
  const no = (status, message) => ({ status, body: { success: false, message, errors: [] } });
  if (path === "/auth/login") {
    request.resume();
    return ok({ user: USER, token: TOKEN });
  }
  if (request.headers.authorization !== `Bearer ${TOKEN}`) return no(401, "Unauthorized: Access token is required.");
  if (path === "/monitoring/server-status") return ok({ models_info: MODELS.map(modelInfo) });
  const rows = flood.rows();
  if (path === "/media") return ok(rows);
  const row = rows.find(({ id }) => path === `/media/${id}`);
  return row ? ok(row) : no(404, "Media not found or you do not have permission.");
}

const modelInfo = (name) => ({
  name,
  loaded: true,
  isVideo: true,
  isImage: false,
  isAudio: false,
  isMultiModal: false,
});

async function fileIn(dist, name) {
  const [, path] = /^\/ours\/((?:[\w-]+\/)?[\w.-]+)$/.exec(name) ?? [];
  if (!path) return undefined;
  return readFile(join(dist, path)).catch(() => undefined);
}

/** The page's socket, once it is a WebSocket. */
async function theOneSocket(io) {
  const [socket] = io.sockets.sockets.values();
  if (!socket) {
    await once(io, "connection");
    return theOneSocket(io);
  }
  if (io.sockets.sockets.size > 1) throw new Error("more than one page is connected");
  if (socket.conn.transport.name !== "websocket") await once(socket.conn, "upgrade");
  return socket;
}
