// The conformance cases that only a browser proves, each test named by the ids of its cases.
//
// Chromium loads `page.rs` under a strict policy and meets `socket.io` servers that live in this process. Law: nothing
// sleeps to wait for something; where a case is about something that must not happen, the time it had is stated.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { Server } from "socket.io";
import { startHidable } from "./devtools.js";

/** What `.ci/conformance` built. */
const PAGE = process.env.CONFORMANCE_PAGE;

/** How long what is expected may take; far above what it needs on a busy machine. */
const PATIENCE_MS = 15_000;

/** No inline script, no inline style, no eval; only WebAssembly may be compiled. */
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src *; worker-src 'self'";

const TYPES = { js: "text/javascript", wasm: "application/wasm", html: "text/html" };

/** The files of the page that no tool writes. */
const FILES = {
  "/": `<!DOCTYPE html><meta charset="utf-8"><title>Conformance</title><script type="module" src="/main.js"></script>`,
  "/elsewhere": `<!DOCTYPE html><meta charset="utf-8"><title>Elsewhere</title>`,
  "/main.js": `import init, * as page from "/conformance_page.js"; await init(); globalThis.page = page;`,
  "/worker.js": `
    import init, * as page from "/conformance_page.js";
    const ready = init();
    let client;
    const hear = async ({ data: { url, transports } }, answer) => {
      await ready;
      client ??= page.start(url, transports, "same-origin");
      answer.postMessage(page.state(client));
    };
    globalThis.onmessage = (event) => hear(event, globalThis);
    globalThis.onconnect = ({ ports: [port] }) => { port.onmessage = (event) => hear(event, port); };
  `,
  "/service.js": `
    import init, * as page from "/conformance_page.js";
    const ready = init({ module_or_path: "/conformance_page_bg.wasm" });
    let client;
    onmessage = ({ data: { url, transports }, source }) => ready.then(() => {
      client ??= page.start(url, transports, "same-origin");
      source.postMessage(page.state(client));
    });
  `,
};

let browser, web;

/** A test that ends. */
const check = (name, prove) => test(name, { timeout: 60_000 }, prove);

before(async () => {
  web = createServer((request, response) => {
    const path = new URL(request.url, "http://page").pathname;
    const type = TYPES[path.split(".")[1] ?? "html"];
    const headers = { "Content-Type": type ?? "text/plain", "Content-Security-Policy": POLICY };
    try {
      const body = FILES[path] ?? readFileSync(join(PAGE, path));
      response.writeHead(200, headers).end(body);
    } catch {
      response.writeHead(404).end();
    }
  }).listen(0, "127.0.0.1");
  await once(web, "listening");
  browser = await chromium.launch({
    executablePath: process.env.CHROME ?? "/usr/bin/chromium",
    // Playwright switches the back/forward cache off, which is one of the cases.
    ignoreDefaultArgs: ["--disable-back-forward-cache"],
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  });
});

after(async () => {
  await browser?.close();
  web?.close();
});

check("H14: a WebSocket that the browser forbids is a connect_error", async (t) => {
  const { page, start } = await open(t, { origin: "https://page.example" });

  const client = await start("http://server.example", "websocket");

  await until(() => told(page, client, /^connect_error transport/), 1);
});

for (const transports of ["websocket", "polling", "polling websocket"]) {
  check(`L07: a strict policy is enough over ${transports}`, async (t) => {
    const server = await serve(t);
    const { page, start } = await open(t);
    const client = await start(server.url, transports);
    await live(page, client);
  });
}

check("E15, E16: listeners may take away others, and leave and come back, while an event is told", async (t) => {
  const server = await serve(t);
  const { page, start } = await open(t);
  const client = await start(server.url, "websocket");
  await live(page, client);
  await page.evaluate((client) => {
    globalThis.heard = [];
    globalThis.page.listen_and_leave(client, globalThis.heard);
  }, client);

  server.io.emit("leaving", 1);
  server.io.emit("leaving", 2);
  server.io.emit("done");

  await until(() => told(page, client, /^done/), 1);
  assert.deepEqual(await page.evaluate(() => globalThis.heard), ["first", "second", "late"]);

  await page.evaluate((client) => globalThis.page.reenter(client), client);
  server.io.emit("again", 1);
  server.io.emit("next", 2);
  await until(() => server.events.includes("heard"), true);
  await until(() => server.sockets.length, 2);
  await live(page, client);
});

check("B20: a Blob, a File and views arrive byte for byte", async (t) => {
  const server = await serve(t);
  const { page, start } = await open(t);
  for (const transports of ["websocket", "polling"]) {
    server.bytes.length = 0;
    const client = await start(server.url, transports);
    await live(page, client);

    await page.evaluate(async (client) => {
      const whole = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      for (const bytes of [
        new Blob([whole]),
        new File([whole.subarray(1, 4)], "name"),
        whole.buffer,
        whole.subarray(200, 203),
        new DataView(whole.buffer, 250, 6),
        new Uint8Array(0),
      ])
        await globalThis.page.emit_bytes(client, "bytes", bytes);
    }, client);

    const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const expected = [all, all.subarray(1, 4), all, all.subarray(200, 203), all.subarray(250), Buffer.alloc(0)];
    await until(() => server.bytes.length, expected.length);
    assert.deepEqual(server.bytes, expected);
  }
});

check("G10: an emit after a freeze goes to the next connection", async (t) => {
  const { server, tab, freeze } = await openHidable(t);
  server.mute();
  await freeze(2000);

  // In one turn with the resuming, before any timer.
  await tab.evaluate(`page.emit(0, "kept", "[1]")`);

  await until(() => server.events.filter((event) => event === "kept").length, 1);
  assert.equal(server.sockets.length, 2);
  assert.equal(server.deaf, 0, "nothing was written to the connection of before");
  const lines = await tab.evaluate(`page.told(0)`);
  assert.ok(lines.includes("disconnect ping timeout"), lines.join("; "));
});

check("G11: a connection that died in a freeze is missed within a second", async (t) => {
  const { server, tab, freeze } = await openHidable(t);
  server.mute();
  await freeze(2000);

  const lost = async () => (await tab.evaluate(`page.told(0)`)).includes("disconnect ping timeout");
  await until(lost, true, 1000);
});

check("P24: polling delivers in a page that nobody sees", async (t) => {
  const { server, tab, browser } = await openHidable(t, "polling");
  await (await browser.open("about:blank")).show();
  await until(() => tab.evaluate(`document.visibilityState`), "hidden");

  for (let count = 1; count <= 5; count++) {
    server.io.emit("news", count);
    await server.pongs(2);
  }

  const news = (await tab.evaluate(`page.told(0)`)).filter((line) => line.startsWith("news"));
  assert.deepEqual(
    news,
    [1, 2, 3, 4, 5].map((count) => `news [${count}]`),
  );
  assert.equal(server.sockets.length, 1);
});

check("G12: a wall clock that jumps by an hour disturbs nothing", async (t) => {
  const server = await serve(t, { pingInterval: 300, pingTimeout: 300 });
  const { page, start } = await open(t);
  const client = await start(server.url, "websocket");
  await live(page, client);

  await page.evaluate(() => {
    const now = Date.now.bind(Date);
    Date.now = () => now() + 3_600_000;
  });

  await server.pongs(5);
  assert.equal(await state(page, client), "Connected");
  assert.equal(server.sockets.length, 1);
});

for (const transports of ["websocket", "polling"]) {
  check(`X16, X17: offline is told at once and online is tried within 250 ms, over ${transports}`, async (t) => {
    const server = await serve(t);
    const { page, context, start } = await open(t);
    const client = await start(server.url, transports);
    await live(page, client);

    await context.setOffline(true);
    await until(() => told(page, client, /^disconnect transport close: network connection lost/), 1, 1000);
    // Long enough to be waiting, not so long that the slow attempt comes that is made all the same.
    await new Promise((resolve) => setTimeout(resolve, 3000));
    const before = server.requests;
    await context.setOffline(false);

    await until(() => server.requests > before, true, 250);
    await live(page, client);
  });
}

for (const transports of ["websocket", "polling"]) {
  check(`L01: a reload is seen by the server at once, over ${transports}`, async (t) => {
    const server = await serve(t);
    const { page, start } = await open(t);
    await live(page, await start(server.url, transports));

    await page.reload();

    await until(() => server.reasons.length, 1, 2000);
    assert.match(server.reasons[0], /^transport (close|error)$/);
  });
}

check("L02: a page that is left hears no disconnect, and may still emit", async (t) => {
  const server = await serve(t);
  const { page, start } = await open(t);
  const client = await start(server.url, "websocket");
  await live(page, client);
  await page.evaluate((client) => {
    addEventListener("pagehide", () => {
      const refused = globalThis.page.emit(client, "late", "[]");
      localStorage.setItem("told", JSON.stringify([refused ?? "accepted", ...globalThis.page.told(client)]));
    });
  }, client);

  await page.goto(`${origin()}/elsewhere`);

  await until(() => server.reasons.length, 1);
  const lines = JSON.parse(await page.evaluate(() => localStorage.getItem("told")));
  assert.deepEqual(
    lines.filter((line) => line.startsWith("disconnect")),
    [],
  );
});

check("L03: a page comes back from the back/forward cache and is connected again", async (t) => {
  const { server, tab } = await openHidable(t, "websocket", { connectionStateRecovery: {} });
  server.io.emit("heard", 1);
  const heard = async () => (await tab.evaluate(`page.told(0)`)).map((line) => line.split(" ")[0]);
  await until(async () => (await heard()).includes("heard"), true);

  await tab.evaluate(`location.href = "/elsewhere"`);
  await until(() => server.reasons.length, 1);
  await until(() => tab.evaluate(`document.title`), "Elsewhere");
  server.io.emit("missed", 2);
  await tab.evaluate(`history.back()`);

  // A page that was loaded anew has no client.
  await until(() => tab.evaluate(`globalThis.page?.state(0) ?? "none"`), "Connected");
  assert.equal(server.sockets.length, 2);
  assert.ok((await heard()).includes("missed"));
});

for (const kind of ["Worker", "SharedWorker"]) {
  for (const transports of ["websocket", "polling"]) {
    check(`L04: it connects, and connects again, in a ${kind} over ${transports}`, async (t) => {
      const server = await serve(t);
      const { page } = await open(t);
      await page.evaluate((kind) => {
        const worker = new globalThis[kind]("/worker.js", { type: "module" });
        globalThis.port = worker.port ?? worker;
        globalThis.port.onmessage = ({ data }) => (globalThis.said = data);
      }, kind);
      const ask = async () => {
        await page.evaluate((options) => globalThis.port.postMessage(options), { url: server.url, transports });
        return page.evaluate(() => globalThis.said);
      };

      await until(ask, "Connected");
      server.cut();
      await until(() => server.sockets.length, 2);
      await until(ask, "Connected");
    });
  }
}

check("L05: it connects in a service worker, without a warning", async (t) => {
  const server = await serve(t);
  const { page, said } = await open(t);
  await page.evaluate(async () => {
    await navigator.serviceWorker.register("/service.js", { type: "module" });
    await navigator.serviceWorker.ready;
    navigator.serviceWorker.onmessage = ({ data }) => (globalThis.said = data);
  });
  const ask = async () => {
    await page.evaluate(
      async (options) => {
        const { active } = await navigator.serviceWorker.ready;
        active.postMessage(options);
      },
      { url: server.url, transports: "websocket" },
    );
    return page.evaluate(() => globalThis.said);
  };

  await until(ask, "Connected");
  assert.deepEqual(
    said.filter((line) => /must be added on the initial evaluation/.test(line)),
    [],
  );
});

for (const transports of ["websocket", "polling", "polling websocket"]) {
  check(`L06: a client that is dropped leaves nothing, over ${transports}`, async (t) => {
    // A session whose handshake was on its way when the client went is nobody's, and ends with its first ping.
    const server = await serve(t, { pingInterval: 1000, pingTimeout: 1000 });
    const { page, start } = await open(t);
    // At once, while opening, while joining, connected, and waiting for another attempt.
    for (const millis of [0, 1, 5, 20, 50, 200]) {
      const client = await start(server.url, transports);
      await page.evaluate((millis) => new Promise((resolve) => setTimeout(resolve, millis)), millis);
      await page.evaluate((client) => globalThis.page.end(client), client);
    }
    const waiting = await start("http://127.0.0.1:9", transports);
    await until(() => state(page, waiting), "Waiting");
    await page.evaluate((client) => globalThis.page.end(client), waiting);

    await until(() => server.io.engine.clientsCount, 0);
    const before = server.requests;
    await new Promise((resolve) => setTimeout(resolve, 3000)); // the first retry would have come
    assert.equal(server.requests, before);
  });
}

check("P23: cookies go where the option says", async (t) => {
  const other = await serve(t, { cors: { origin: origin(), credentials: true } });
  const { page, context, start } = await open(t);
  await context.addCookies([{ name: "sticky", value: "1", domain: "127.0.0.1", path: "/" }]);

  for (const [credentials, expected] of [
    ["omit", undefined],
    ["same-origin", undefined],
    ["include", "sticky=1"],
  ]) {
    other.cookies.length = 0;
    const client = await start(other.url, "polling", credentials);
    await live(page, client);
    await page.evaluate((client) => globalThis.page.end(client), client);
    await until(() => other.io.engine.clientsCount, 0); // its last words have come, too
    assert.deepEqual(new Set(other.cookies), new Set([expected]), credentials);
  }

  // The page's own server, behind the page's own address.
  const own = await serve(t, {}, web);
  await live(page, await start(origin(), "polling", "same-origin"));
  assert.deepEqual(new Set(own.cookies), new Set(["sticky=1"]));
});

check("P27: a POST is plain text and asks no other origin for permission", async (t) => {
  const server = await serve(t);
  const { page, start } = await open(t);

  await live(page, await start(server.url, "polling"));

  assert.ok(server.posts.length > 0);
  assert.deepEqual(new Set(server.posts), new Set(["text/plain;charset=UTF-8"]));
  assert.equal(server.preflights, 0);
});

// ── the meeting ──────────────────────────────────────────────────────────────────────────────────────────────────

const origin = () => `http://127.0.0.1:${web.address().port}`;

/** A server, and what it saw. Behind `http`, if one is given, beside what that serves. */
async function serve(t, options = {}, http = createServer()) {
  const io = new Server(http, { cors: { origin: origin() }, serveClient: false, ...options });
  const seen = { io, sockets: [], reasons: [], events: [], bytes: [], cookies: [], posts: [] };
  Object.assign(seen, { requests: 0, preflights: 0, deaf: 0 });
  const ours = ({ url }) => url.startsWith("/socket.io/");
  const watch = (request) => {
    if (!ours(request)) return;
    if (request.method === "OPTIONS") seen.preflights++;
    seen.requests++;
    seen.cookies.push(request.headers.cookie);
    if (request.method === "POST") seen.posts.push(request.headers["content-type"]);
  };
  http.prependListener("request", watch);
  http.prependListener("upgrade", watch);
  let pongs = 0;
  let heard = () => {};
  io.on("connection", (socket) => {
    seen.sockets.push(socket);
    socket.onAny((event, ...args) => {
      seen.events.push(event);
      if (event === "bytes") seen.bytes.push(...args);
    });
    socket.on("disconnect", (reason) => seen.reasons.push(reason));
    socket.conn.on("heartbeat", () => {
      pongs++;
      heard();
    });
  });
  if (!http.listening) {
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    t.after(() => io.close());
  } else {
    // The page's own server goes on without it.
    t.after(() => io.engine.close());
  }
  return Object.assign(seen, {
    url: `http://127.0.0.1:${http.address().port}`,
    /** Waits for so many more answers to the server's pings. */
    pongs(count) {
      const goal = pongs + count;
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`only ${pongs} of ${goal} pongs`)), PATIENCE_MS);
        heard = () => {
          if (pongs < goal) return;
          clearTimeout(timer);
          resolve();
        };
        heard();
      });
    },
    /** The connections stay open, and nothing comes from them any more: as after a network that went silently. */
    mute() {
      for (const connection of Object.values(io.engine.clients)) {
        connection.transport.removeAllListeners("packet");
        connection.transport.on("packet", () => seen.deaf++);
        connection.transport.send = () => {};
        clearTimeout(connection.pingTimeoutTimer);
      }
    },
    /** Breaks the connections. */
    cut() {
      for (const connection of Object.values(io.engine.clients)) connection.transport.close();
    },
  });
}

/** The page, which must end without an error of its scripts and without a violation of its policy. */
async function open(t, { origin: from = origin() } = {}) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const faults = [];
  const said = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    said.push(message.text());
    if (/Content Security Policy|closure invoked/.test(message.text())) faults.push(message.text());
  });
  if (from !== origin()) {
    // An origin that exists in this browser alone.
    await page.route(`${from}/**`, async (route) => {
      const url = new URL(route.request().url());
      const response = await route.fetch({ url: origin() + url.pathname });
      await route.fulfill({ response });
    });
  }
  t.after(async () => {
    await context.close();
    assert.deepEqual(faults, []);
  });
  await page.goto(`${from}/`);
  await page.waitForFunction(() => globalThis.page);
  return {
    page,
    context,
    said,
    /** Starts a client; gives its number. */
    start: (url, transports, credentials = "same-origin") =>
      page.evaluate((given) => globalThis.page.start(...given), [url, transports, credentials]),
  };
}

/**
 * A page with a connected client, 0, in a browser that can hide it, and its server, which by default
 * pings three times a second.
 */
async function openHidable(t, transports = "websocket", options = { pingInterval: 300, pingTimeout: 300 }) {
  const server = await serve(t, options);
  const browser = await startHidable();
  t.after(() => browser.close());
  const tab = await browser.open(`${origin()}/`);
  await until(() => tab.evaluate(`typeof page`), "object");
  await tab.evaluate(`page.start("${server.url}", "${transports}", "same-origin")`);
  await until(() => tab.evaluate(`page.state(0)`), "Connected");
  return {
    server,
    browser,
    tab,
    /** Hides the page, stops it for so long, and lets it go on, hidden: nothing tells it but the browser's `resume`. */
    async freeze(millis) {
      await (await browser.open("about:blank")).show();
      await until(() => tab.evaluate(`document.visibilityState`), "hidden");
      await tab.freeze();
      await new Promise((resolve) => setTimeout(resolve, millis));
      await tab.resume();
    },
  };
}

const state = (page, client) => page.evaluate((client) => globalThis.page.state(client), client);

const live = (page, client) => until(() => state(page, client), "Connected");

/** How often a client's application was told something like this. */
const told = async (page, client, words) => {
  const lines = await page.evaluate((client) => globalThis.page.told(client), client);
  return lines.filter((line) => words.test(line)).length;
};

/** Polls until `probe` gives what is expected, at most `timeout` ms. */
async function until(probe, expected, timeout = PATIENCE_MS) {
  const accepts = expected instanceof RegExp ? (found) => expected.test(found) : (found) => found === expected;
  const end = performance.now() + timeout;
  let last;
  while (performance.now() < end) {
    last = await probe();
    if (accepts(last)) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`not within ${timeout} ms: ${expected}; last seen: ${last}`);
}
