import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { ADA, bearer, eventually, serve, signIn } from "./harness.js";
import { png, tone } from "./samples.js";

const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; " +
  "connect-src 'self'; font-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; object-src 'none'; " +
  "frame-ancestors 'none'";

test("the page comes under the strict policy with the right types", async (t) => {
  const dist = await folder(t, { "index.html": "<!doctype html>", "app.wasm": "x", "config.json": "{}" });
  const server = await serve(t, { dist });
  for (const [path, status, type, cache] of [
    ["/", 200, "text/html; charset=utf-8", "no-cache"],
    ["/app.wasm", 200, "application/wasm", "public, max-age=0"],
    ["/config.json", 200, "application/json; charset=utf-8", "no-cache"],
    ["/nope", 404, "text/plain; charset=utf-8", null],
    ["/..%2f..%2fetc%2fpasswd", 404, "text/plain; charset=utf-8", null],
    ["/%ff", 404, "text/plain; charset=utf-8", null],
  ]) {
    const { headers, status: found } = await server.get(path);
    assert.deepEqual([found, headers.get("content-type"), headers.get("cache-control")], [status, type, cache], path);
    assert.equal(headers.get("content-security-policy"), POLICY, path);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("referrer-policy"), "no-referrer");
  }
});

test("further origins and another config can be given", async (t) => {
  const dist = await folder(t, { "index.html": "x", "config.json": "{}", "other.json": '{"a":1}' });
  const server = await serve(t, { dist, configFile: join(dist, "other.json"), cspConnect: ["ws://a", "http://b"] });
  const { body, headers } = await server.get("/config.json");
  assert.deepEqual(body, { a: 1 });
  assert.match(headers.get("content-security-policy"), /connect-src 'self' ws:\/\/a http:\/\/b;/);
});

test("a page that is not built is said in a sentence", async (t) => {
  const server = await serve(t, { dist: "/nowhere" });
  const { status, body } = await server.get("/");
  assert.equal(status, 503);
  assert.match(body, /There is no page in \/nowhere: build it/);
});

test("a port in use is not an error: the next free one is taken", async (t) => {
  const blocker = createServer();
  blocker.listen(0, "127.0.0.1");
  await once(blocker, "listening");
  t.after(() => blocker.close());
  const { port } = blocker.address();
  const server = await serve(t, { port });
  assert.ok(server.port > port && server.port <= port + 49);
});

test("each Socket.IO server answers its own path alone, with its own heartbeat", async (t) => {
  const server = await serve(t);
  for (const [backend, pingTimeout] of [
    ["analysis", 20_000],
    ["library", 20_000],
    ["meeting", 20_000],
    ["interview", 60_000],
  ]) {
    const { body } = await server.get(`/${backend}/socket.io/?EIO=4&transport=polling`);
    const { pingInterval, pingTimeout: found, maxPayload } = JSON.parse(body.slice(1));
    assert.deepEqual([pingInterval, found, maxPayload], [25_000, pingTimeout, 1_000_000], backend);
  }
  assert.equal((await server.get("/socket.io/?EIO=4&transport=polling")).status, 404);
});

test("an upgrade that nobody owns is closed at once", async (t) => {
  const server = await serve(t);
  const socket = connect(server.port, "127.0.0.1");
  socket.write(
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
  );
  const [answer] = await once(socket, "data");
  assert.match(String(answer), /^HTTP\/1\.1 404 /);
  await once(socket, "close");
});

test("the listener stops with all connections, the analysis goes on, and the same port opens again", async (t) => {
  const server = await serve(t);
  const token = await signIn(server, "analysis");
  const websocket = server.connect(t, "analysis", { token });
  const polling = server.connect(t, "analysis", { token, transports: ["polling"] });
  await Promise.all([websocket.until("connect"), polling.until("connect")]);
  const { body } = await server.upload("/analysis/api/v1/media", "media", "a.wav", tone(400_000), bearer(token));
  await server.control("listener", { action: "stop" });
  await Promise.all([websocket.until("disconnect"), polling.until("disconnect")]);
  await assert.rejects(server.get("/"), /fetch failed/);
  await eventually(async () => (await server.control("state")).analysis.media[0].status === "ANALYZED");
  await server.control("listener", { action: "start" });
  const again = server.connect(t, "analysis", { token });
  await again.until("connect");
  const row = (await server.get(`/analysis/api/v1/media/${body.data.id}`, bearer(token))).body.data;
  assert.equal(row.status, "ANALYZED");
});

test("a stopped listener can start again by itself", async (t) => {
  const server = await serve(t);
  const client = server.connect(t, "meeting", { reconnection: true, reconnectionDelay: 10, reconnectionDelayMax: 20 });
  await client.until("connect");
  await server.control("listener", { action: "stop", restartAfterMs: 50 });
  await client.until("connect", { n: 2 });
  assert.ok(client.names().includes("disconnect"));
});

for (const [how, reason] of [
  ["server", "io server disconnect"],
  ["tcp", "transport close"],
]) {
  test(`a socket ended by "${how}" hears "${reason}"`, async (t) => {
    const server = await serve(t);
    const token = await signIn(server, "library");
    const client = server.connect(t, "library", { token });
    await client.until("connected");
    assert.equal((await server.control("disconnect", { backend: "library", how, user: ADA.email })).ended, 1);
    assert.equal(await client.until("disconnect"), reason);
  });
}

test("a silent connection stays open and hears nothing any more", async (t) => {
  const server = await serve(t);
  const [dead, alive] = [server.connect(t, "meeting"), server.connect(t, "meeting")];
  await dead.until("connect");
  assert.equal((await server.control("disconnect", { backend: "meeting", how: "silent" })).ended >= 1, true);
  const fresh = server.connect(t, "meeting");
  await fresh.until("connect");
  await server.control("emit", { backend: "meeting", event: "hello", args: [1] });
  await fresh.until("hello");
  assert.deepEqual(dead.names(), ["connect"]);
  assert.equal(dead.socket.connected, true);
  alive.socket.disconnect();
});

test("a silent listener takes connections and answers nothing until it speaks again", async (t) => {
  const server = await serve(t);
  await server.control("listener", { action: "silence" });
  const client = server.connect(t, "meeting", { timeout: 50 });
  assert.equal(await client.until("connect_error"), "timeout");
  await server.control("listener", { action: "speak" });
  assert.equal((await server.get("/meeting/ping")).status, 200);
});

test("an unreadable body is a client's error, but a 500 where every invalid input is one", async (t) => {
  const server = await serve(t);
  for (const [path, status] of [
    ["/analysis/api/v1/auth/login", 500],
    ["/library/api/auth/login", 400],
    ["/interview/api/v1/user/login", 400],
    ["/meeting/api/demo/scenario", 400],
  ]) {
    const init = { method: "POST", body: "{bad", headers: { "content-type": "application/json" } };
    assert.equal((await fetch(`${server.url}${path}`, init)).status, status, path);
  }
});

test("a medium that is deleted ends its analysis and the next one goes on", async (t) => {
  const server = await serve(t, { pace: 1000 });
  const token = await signIn(server, "analysis");
  const client = server.connect(t, "analysis", { token });
  await client.until("connect");
  const { body } = await server.upload("/analysis/api/v1/media", "media", "long.wav", tone(50_000), bearer(token));
  await client.until("FRAME_ANALYSIS_PROGRESS", { test: ({ data }) => data.progress > 0 });
  await server.control("settings", { pace: 0 });
  await server.upload("/analysis/api/v1/media", "media", "next.png", png(8), bearer(token));
  const url = `${server.url}/analysis/api/v1/media/${body.data.id}`;
  assert.equal((await fetch(url, { method: "DELETE", headers: bearer(token) })).status, 200);
  assert.equal((await client.until("media_update")).filename, "next.png");
  assert.ok(!client.names().includes("ANALYSIS_FAILED"));
  assert.equal((await server.get(url.slice(server.url.length), bearer(token))).status, 404);
});

test("a test can emit, send garbage, drop, refuse tokens and fail requests", async (t) => {
  const server = await serve(t);
  const token = await signIn(server, "analysis");
  const client = server.connect(t, "analysis", { token });
  await client.until("connect");
  await server.control("emit", { backend: "analysis", event: "x", args: [{ a: 1 }], to: { user: ADA.email } });
  assert.deepEqual(await client.until("x"), { a: 1 });

  await server.control("rule", { backend: "analysis", event: "media_update", action: "drop" });
  await server.upload("/analysis/api/v1/media", "media", "a.png", png(8), bearer(token));
  await client.until("ANALYSIS_COMPLETE");
  await server.upload("/analysis/api/v1/media", "media", "b.png", png(8), bearer(token));
  assert.equal((await client.until("media_update")).filename, "b.png");
  assert.equal((await server.control("state")).analysis.dropped.media_update, 1);

  await server.control("tokens", { backend: "analysis", refuse: 1 });
  const refused = server.connect(t, "analysis", { token });
  assert.equal(await refused.until("connect_error"), "Authentication error: Invalid token.");
  await server.connect(t, "analysis", { token }).until("connect");

  await server.control("rest", { backend: "analysis", status: 503, count: 1, path: "/media" });
  const statuses = [];
  for (let i = 0; i < 2; i += 1) statuses.push((await server.get("/analysis/api/v1/media", bearer(token))).status);
  assert.deepEqual(statuses, [503, 200]);

  await server.control("frame", { backend: "analysis", frame: "4zzz" });
  assert.equal(await client.until("disconnect"), "parse error");
});

test("a reset brings everything back", async (t) => {
  const server = await serve(t);
  const token = await signIn(server, "analysis");
  await server.upload("/analysis/api/v1/media", "media", "a.png", png(8), bearer(token));
  await server.control("tokens", { refuse: true, expireAll: true });
  await server.control("switch", { name: "names", value: "documented" });
  await server.control("fail", { times: 9 });
  await server.control("listener", { action: "stop" });
  await server.control("reset", { media: true });
  const client = server.connect(t, "analysis", { token });
  await client.until("connect");
  await server.upload("/analysis/api/v1/media", "media", "b.png", png(8), bearer(token));
  assert.equal((await client.until("media_update")).filename, "b.png");
  assert.equal((await server.get("/analysis/api/v1/media", bearer(token))).body.data.length, 1);
});

test("a medium that a reset takes away says nothing more, though its last word was due", async (t) => {
  const server = await serve(t);
  const token = await signIn(server, "analysis");
  const client = server.connect(t, "analysis", { token });
  await client.until("connect");
  await server.upload("/analysis/api/v1/media", "media", "a.png", png(8), bearer(token));
  await client.until("ANALYSIS_COMPLETE");
  // The reset takes the counts back together with the medium: what is counted afterwards was sent afterwards.
  await server.control("reset", { media: true });
  await server.upload("/analysis/api/v1/media", "media", "b.png", png(8), bearer(token));
  await client.until("media_update", { test: (row) => row.filename === "b.png" });
  assert.equal((await server.control("state")).analysis.emitted.media_update, 1);
});

test("control answers what is wrong", async (t) => {
  const server = await serve(t);
  for (const [path, body, text] of [
    ["emit", { backend: "nope" }, /no backend is named nope/],
    ["switch", { backend: "meeting", name: "nope" }, /meeting has no switch nope/],
    ["fail", { times: -1 }, /whole number/],
    ["listener", { action: "x" }, /stop, start, silence or speak/],
    ["nope", {}, /no such control/],
  ]) {
    await assert.rejects(
      server.control(path, body).then(() => path),
      text,
    );
  }
});

test("CORS allows one origin and answers a preflight", async (t) => {
  const server = await serve(t, { corsOrigin: "https://host.test" });
  const preflight = await fetch(`${server.url}/analysis/api/v1/media`, {
    method: "OPTIONS",
    headers: { origin: "https://host.test", "access-control-request-headers": "authorization" },
  });
  assert.equal(preflight.status, 204);
  assert.equal(preflight.headers.get("access-control-allow-origin"), "https://host.test");
  assert.equal(preflight.headers.get("access-control-allow-headers"), "authorization");
});

test("the command prints where it is, and a signal ends it without a trace", async (t) => {
  const temporary = await folder(t, {});
  const child = spawn(process.execPath, ["serve.js", "--port", "0", "--control"], {
    cwd: import.meta.dirname,
    env: { ...process.env, TMPDIR: temporary, REDIS_URL: "" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const first = (await lines.next()).value;
  const [, url] = /^Telltale is at (http:\/\/127\.0\.0\.1:\d+)\/ /.exec(first);
  assert.match((await lines.next()).value, /^control: http:\/\/127\.0\.0\.1:\d+\/$/);
  assert.equal((await fetch(`${url}/meeting/ping`)).status, 200);
  assert.equal((await readdir(temporary)).length, 1);
  child.kill("SIGTERM");
  const [code] = await once(child, "exit");
  assert.equal(code, 0);
  assert.deepEqual(await readdir(temporary), []);
});

for (const [option, text] of [
  [["--pace", "x"], /--pace needs a number/],
  [["--names", "x"], /real or documented/],
  [["--nope"], /nope/],
]) {
  test(`the command refuses ${option.join(" ")} in a sentence`, async (t) => {
    const child = spawn(process.execPath, ["serve.js", ...option], { cwd: import.meta.dirname });
    t.after(() => child.kill("SIGKILL"));
    let said = "";
    child.stderr.on("data", (bytes) => (said += bytes));
    const [code] = await once(child, "close");
    assert.equal(code, 1);
    assert.match(said, text);
  });
}

async function folder(t, files) {
  const path = await mkdtemp(join(tmpdir(), "telltale-test-"));
  t.after(() => existsSync(path) && rm(path, { recursive: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text);
  return path;
}
