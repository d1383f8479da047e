// What the end-to-end tests share: the reference servers as a process of their own, and Chromium with the page in it.
//
// Nothing here sleeps to wait: everything polls a condition, and gives up after a bounded time with what it saw last.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Someone the reference servers know. */
export const ADA = { name: "ada@telltale.test", password: "analysis" };

/**
 * Starts the reference servers on free ports, with their control interface.
 * @param {...string} options more of serve.js's options
 */
export async function startServers(...options) {
  const child = spawn(
    process.execPath,
    [join(root, "tests/backend/serve.js"), "--port", "0", "--control", "--control-port", "0", ...options],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const found = {};
  for await (const line of createInterface({ input: child.stdout })) {
    const [, url] = /(http:\/\/127\.0\.0\.1:\d+)/.exec(line) ?? [];
    if (!url) continue;
    found[/control/.test(line) ? "control" : "page"] = url;
    if (found.page && found.control) break;
  }
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
    async stop() {
      if (child.exitCode !== null) return;
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      await exited;
    },
  };
}

/** One Chromium for a test file; each test gets a context of its own. */
export async function startBrowser() {
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
    ],
  });
}

/**
 * Opens a page and keeps what must not happen: errors, violations of the content security policy.
 * @param {import("playwright-core").Browser} browser
 */
export async function openPage(browser, url, { width = 1280, height = 900, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, ...options });
  const page = await context.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" && /Content Security Policy|Refused to/.test(message.text()))
      faults.push(`policy: ${message.text()}`);
  });
  await page.addInitScript(() => {
    window.violations = [];
    document.addEventListener("securitypolicyviolation", (event) =>
      window.violations.push(`${event.violatedDirective} ${event.blockedURI}`),
    );
  });
  await page.goto(url);
  return { page, context, faults };
}

/** Signs in through the form. */
export async function signIn(page, { name, password } = ADA) {
  await page.getByLabel(/e-?mail/i).fill(name);
  await page.getByLabel(/password/i).fill(password);
  await page.getByRole("button", { name: /^sign in$/i }).click();
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

/** A well-formed WAV of this many bytes of sound: a tone, from a formula, the same each time. */
export function wav(bytes) {
  const samples = Math.floor(bytes / 2);
  const file = Buffer.alloc(44 + samples * 2);
  file.write("RIFF", 0);
  file.writeUInt32LE(36 + samples * 2, 4);
  file.write("WAVEfmt ", 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(16000, 24);
  file.writeUInt32LE(32000, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write("data", 36);
  file.writeUInt32LE(samples * 2, 40);
  for (let index = 0; index < samples; index++)
    file.writeInt16LE(Math.round(8000 * Math.sin(index / 20) + 4000 * Math.sin(index / 7)), 44 + index * 2);
  return file;
}

/** Polls until `probe` gives something that `accepts`, at most `timeout` ms; gives it back. */
export async function until(probe, accepts = Boolean, timeout = 15_000) {
  const end = performance.now() + timeout;
  let last;
  while (performance.now() < end) {
    last = await probe();
    if (accepts(last)) return last;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`not within ${timeout} ms; last seen: ${JSON.stringify(last)}`);
}
