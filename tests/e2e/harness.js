// What the end-to-end tests share: the reference servers as a process of their own, and Chromium with the page in it.
//
// Law: nothing sleeps to wait. Everything polls a condition and gives up after a bounded time with what it saw last.
// Every page that a test opens must end without an error of its scripts and without a violation of its policy.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, beforeEach } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The page under test. */
const DIST = process.env.TELLTALE_DIST ?? join(root, "dist");

/** The accessibility checker. The page's policy refuses it as a script tag; as an init script it is none. */
export const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** Someone the reference servers know. */
export const ADA = { name: "ada@telltale.test", password: "analysis" };

/** How long a condition may take to come true; far above what it needs on a busy machine. */
const PATIENCE_MS = 15_000;

/**
 * Starts the reference servers on free ports, with their control interface.
 * @param {...string} options more of serve.js's options
 */
export async function startServers(...options) {
  if (!existsSync(join(DIST, "index.html"))) throw new Error(`there is no page in ${DIST}: run "make build" first`);
  const ports = ["--port", "0", "--control", "--control-port", "0"];
  const child = spawn(process.execPath, [join(root, "tests/backend/serve.js"), ...ports, "--dist", DIST, ...options], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const found = {};
  for await (const line of createInterface({ input: child.stdout })) {
    const [, url] = /(http:\/\/127\.0\.0\.1:\d+)/.exec(line) ?? [];
    if (!url) continue;
    found[/control/.test(line) ? "control" : "page"] = url;
    if (found.page && found.control) break;
  }
  if (!found.control) throw new Error("the reference servers did not start");
  child.stdout.resume();
  return {
    ...found,
    /** Says something to the control interface. */
    async control(path, body) {
      const response = await fetch(`${found.control}/control/${path}`, {
        method: body === undefined ? "GET" : "POST",
        headers: { "Content-Type": "application/json" },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      if (!response.ok) throw new Error(`control ${path}: ${response.status} ${await response.text()}`);
      return response.json();
    },
    /** The media of `analysis`, as REST tells them to someone with a token of their own. */
    async media() {
      const { token } = await this.control("token", { backend: "analysis", user: ADA.name });
      const headers = { authorization: `Bearer ${token}` };
      const response = await fetch(`${found.page}/analysis/api/v1/media`, { headers });
      return (await response.json()).data;
    },
    async stop() {
      if (child.exitCode !== null) return;
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      await exited;
    },
  };
}

/**
 * One Chromium for a test file; each test gets a context of its own.
 * @param {...string} wishes more of Chromium's switches
 */
export async function startBrowser(...wishes) {
  return chromium.launch({
    executablePath: process.env.CHROME ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      ...wishes,
    ],
  });
}

/**
 * Opens a page and keeps what it did: errors and violations of its policy (`faults`), all that its console said
 * (`said`), and the addresses of its requests and sockets (`urls`). With `clock` its time can be moved on.
 * @param {import("playwright-core").Browser} browser
 */
export async function openPage(browser, url, { width = 1280, height = 900, script, clock, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  const faults = [];
  const said = [];
  const urls = [];
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on("console", (message) => {
    said.push(`${message.type()}: ${message.text()}`);
    if (message.type() === "error" && /Content Security Policy|Refused to/.test(message.text()))
      faults.push(`policy: ${message.text()}`);
  });
  page.on("request", (request) => urls.push(request.url()));
  page.on("websocket", (socket) => urls.push(socket.url()));
  await page.addInitScript(() => {
    window.violations = [];
    document.addEventListener("securitypolicyviolation", (event) =>
      window.violations.push(`${event.violatedDirective} ${event.blockedURI}`),
    );
  });
  if (script) await page.addInitScript({ path: script });
  if (clock) await page.clock.install();
  await page.goto(url);
  return { page, context, faults, said, urls };
}

/**
 * Servers and a browser for a whole test file, and a clean start for each test.
 * @param {...string} options of serve.js
 */
export function stage(...options) {
  const it = {
    /** A page that is closed with the test, which fails if anything was wrong with it. */
    async open(t, { query = "", ...settings } = {}) {
      const opened = await openPage(it.browser, `${it.servers.page}/${query}`, settings);
      t.after(async () => {
        const violations = await opened.page.evaluate(() => window.violations);
        await opened.context.close();
        assert.deepEqual([...opened.faults, ...violations], []);
      });
      return opened;
    },
    /** Such a page, signed in and live. */
    async enter(t, settings) {
      const opened = await it.open(t, settings);
      await signIn(opened.page);
      await pill(opened.page, "Live");
      return opened;
    },
  };
  before(async () => {
    [it.servers, it.browser] = await Promise.all([startServers(...options), startBrowser()]);
  });
  beforeEach(() => it.servers.control("reset", { media: true }));
  after(async () => {
    await it.browser?.close();
    await it.servers?.stop();
  });
  return it;
}

/** Signs in through the form that is on top. */
export async function signIn(page, { name, password } = ADA) {
  const form = page.locator("form:visible", { has: page.getByLabel("Password") });
  await form.getByLabel(/e-?mail/i).fill(name);
  await form.getByLabel("Password").fill(password);
  await form.getByRole("button", { name: "Sign in" }).click();
}

/** Waits until the connection's pill says this. */
export async function pill(page, word, timeout) {
  await until(
    () => page.locator("#conn").textContent(),
    (said) => said.trim() === word,
    timeout,
  );
}

/** Hands a file to the page as its file button does. @param {Buffer} content */
export async function upload(page, name, content) {
  await page.locator("input[type=file]").setInputFiles({ name, mimeType: "application/octet-stream", buffer: content });
}

/** Uploads a file and opens its page as soon as it is in the list. A short analysis may have ended by then. */
export async function uploadAndOpen(page, name, content) {
  await upload(page, name, content);
  await page.getByRole("link", { name }).click();
  await page.locator("main section.panel").waitFor();
}

/** Goes back to the list. */
export async function toList(page) {
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Media" }).click();
  // The address changes first, the page in a task after that.
  await page.getByRole("heading", { level: 1, name: "Media", exact: true }).waitFor();
}

/** The row of a media in the list. */
export const row = (page, name) => page.locator("ul.media > li", { has: page.getByRole("link", { name }) });

/** Waits until the row of a media says this. */
export const rowSays = (page, name, words) =>
  until(
    () => row(page, name).textContent(),
    (text) => text.includes(words),
  );

/** The rows of the models on a media's page. @returns {Promise<{name: string, figure: string, state: string}[]>} */
export const models = (page) =>
  page.locator("main ul.models > li").evaluateAll((rows) =>
    rows.map((row) => {
      const text = (of) => row.querySelector(of)?.textContent.trim() ?? "";
      return { name: text(".name"), figure: text(".figure"), state: text(".meta") };
    }),
  );

/** Waits until a media's page is at its end with this heading. */
export const ended = (page, heading, timeout = PATIENCE_MS) =>
  page.getByRole("heading", { name: heading, exact: true }).waitFor({ timeout });

/** Joins a meeting as a person does. */
export async function joinMeeting(page, meeting) {
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Meetings" }).click();
  await page.getByLabel("Meeting id").fill(meeting);
  await page.getByRole("button", { name: "Join", exact: true }).click();
  await page.getByText(/No alerts so far/).waitFor();
}

/** Has the meeting server of these servers warn everybody. */
export function alert(servers, meetingId, severity, type, message = type, participantId = "p1") {
  const payload = { meetingId, participantId, severity, type, message, confidence: 0.9 };
  return servers.control("emit", { backend: "meeting", event: "deepfake-alert", args: [payload] });
}

/**
 * Notes from now on what an element shows, each time that it differs, however short it stands there.
 * @returns {Promise<() => Promise<string[]>>} what was noted so far
 */
export async function watch(page, selector, attribute = null) {
  const key = `${selector} ${attribute}`;
  await page.evaluate(
    ([key, selector, attribute]) => {
      window.noted ??= {};
      const noted = (window.noted[key] = []);
      const look = () => {
        for (const element of document.querySelectorAll(selector)) {
          const now = attribute ? element.getAttribute(attribute) : element.textContent.trim();
          if (now !== noted.at(-1)) noted.push(now);
        }
      };
      look();
      const every = { attributes: true, characterData: true, childList: true, subtree: true };
      new MutationObserver(look).observe(document.body, every);
    },
    [key, selector, attribute],
  );
  return () => page.evaluate((key) => window.noted[key], key);
}

/** No frame is drawn until the function that this gives is called: they are all in the next one then. */
export async function holdFrames(page) {
  await page.evaluate(() => {
    const held = [];
    const { requestAnimationFrame } = window;
    window.requestAnimationFrame = (draw) => held.push(draw);
    window.releaseFrames = () => {
      window.requestAnimationFrame = requestAnimationFrame;
      for (const draw of held) requestAnimationFrame(draw);
    };
  });
  return () => page.evaluate(() => window.releaseFrames());
}

/** A folder for files that a test makes; removed by `dispose`. */
export function scratch() {
  const folder = mkdtempSync(join(tmpdir(), "telltale-e2e-"));
  return {
    /** A file of this content. */
    file(name, content) {
      const path = join(folder, name);
      writeFileSync(path, content);
      return path;
    },
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Polls until `probe` gives something that `accepts`, at most `timeout` ms; gives it back. */
export async function until(probe, accepts = Boolean, timeout = PATIENCE_MS) {
  const end = performance.now() + timeout;
  let last;
  while (performance.now() < end) {
    last = await probe();
    if (accepts(last)) return last;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`not within ${timeout} ms; last seen: ${JSON.stringify(last)}`);
}
