// A page that can be out of sight. Playwright keeps the pages that it opens visible and focused, whatever is before them;
// only a browser that it finds running is left as it is.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";
import { until } from "./harness.js";
import { makeProfile, removeProfile } from "./profile.js";

/**
 * Opens a page in a browser of its own, which is closed with the test. The test fails if anything was wrong with the page.
 * @param {string} url
 * @param {{permissions?: string[], script?: Function}} options what is granted, and what runs before the page
 */
export async function openHidable(t, url, { permissions = [], script } = {}) {
  const profile = makeProfile("telltale-hidable-");
  const args = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"];
  const child = spawn(
    process.env.CHROME ?? "/usr/bin/chromium",
    [...args, "--remote-debugging-port=0", `--user-data-dir=${profile}`, "about:blank"],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let browser;
  const faults = [];
  t.after(async () => {
    await browser?.close();
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    await exited;
    await removeProfile(profile);
    assert.deepEqual(faults, []);
  });
  let address;
  for await (const line of createInterface({ input: child.stderr })) {
    [, address] = /DevTools listening on (ws:\S+)/.exec(line) ?? [];
    if (address) break;
  }
  child.stderr.resume();
  browser = await chromium.connectOverCDP(address, { noDefaults: true });
  const [context] = browser.contexts();
  if (permissions.length > 0) await context.grantPermissions(permissions, { origin: new URL(url).origin });
  const page = await context.newPage();
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) faults.push(`policy: ${message.text()}`);
  });
  if (script) await page.addInitScript(script);
  await page.goto(url);
  const state = () => page.evaluate(() => document.visibilityState);
  return {
    page,
    context,
    /** Brings another tab to the front. @returns what brings this one back */
    async hide() {
      const other = await context.newPage();
      await other.bringToFront();
      await until(state, (found) => found === "hidden");
      return async () => {
        await page.bringToFront();
        await until(state, (found) => found === "visible");
        await other.close();
      };
    },
  };
}
