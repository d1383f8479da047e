// What a machine can tell of accessibility: each view, light and dark, wide and as narrow as a phone at 400 % zoom.
import assert from "node:assert/strict";
import { test } from "node:test";
import { violations } from "../a11y/axe.js";
import { tone } from "../backend/samples.js";
import {
  AXE,
  alert,
  ended,
  joinMeeting,
  pill,
  row,
  rowSays,
  scratch,
  signIn,
  stage,
  startServers,
  toList,
  until,
  upload,
  uploadAndOpen,
} from "./harness.js";

const WIDTHS = [1280, 320];

// Slow enough that a run stays a run while it is looked at; a meeting of six seconds.
const it = stage("--pace", "60000", "--scenario-speed", "30");

test("the sign-in has no violations", async (t) => {
  const { page } = await it.open(t, { script: AXE });
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await clean(page);
});

test("the list, an item at work and an item at its end have no violations", async (t) => {
  const { page } = await it.enter(t, { script: AXE });
  await it.servers.control("settings", { pace: 0 });
  await upload(page, "done.wav", tone(20_000));
  await rowSays(page, "done.wav", "Complete");
  await it.servers.control("settings", { pace: 60_000 });
  await uploadAndOpen(page, "running.wav", tone(400_000));
  await page.getByRole("progressbar").waitFor();
  await clean(page);
  await toList(page);
  await row(page, "running.wav").waitFor();
  await clean(page);
  await page.getByRole("link", { name: "done.wav" }).click();
  await ended(page, "Analysis complete");
  await clean(page);
});

test("a meeting with people and alerts, the activity and the settings have no violations", async (t) => {
  const { page } = await it.enter(t, { script: AXE });
  await page.getByRole("link", { name: "Meetings" }).click();
  await clean(page);
  await page.getByRole("button", { name: "Start a simulated meeting" }).click();
  await page.locator("li.alert[data-urgent]").first().waitFor();
  await clean(page);
  await page.getByRole("link", { name: /^Activity/ }).click();
  await page.locator("ol.log").first().waitFor();
  await page.getByRole("button", { name: "Pause updates" }).click();
  await page.getByRole("button", { name: "Settings" }).click();
  await clean(page);
});

test("the banner of a lost connection has no violations", async (t) => {
  const { page } = await it.enter(t, { script: AXE });
  await it.servers.control("listener", { action: "stop" });
  await pill(page, "Reconnecting");
  await page.getByRole("button", { name: "Retry now" }).waitFor();
  await clean(page);
});

test("the dialog that asks to sign in again has no violations", async (t) => {
  const { page } = await it.enter(t, { script: AXE });
  await it.servers.control("tokens", { expireAll: true });
  await it.servers.control("disconnect", { backend: "analysis", how: "tcp" });
  await page.getByRole("region", { name: "Connection status" }).getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("dialog").waitFor();
  await clean(page);
  await signIn(page);
  await pill(page, "Live");
});

test("what is urgent is spoken also while the dialog that asks to sign in again covers the page", async (t) => {
  const { page } = await it.enter(t);
  await joinMeeting(page, "covered");
  await it.servers.control("tokens", { expireAll: true });
  await it.servers.control("disconnect", { backend: "analysis", how: "tcp" });
  await page.getByRole("region", { name: "Connection status" }).getByRole("button", { name: "Sign in" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.waitFor();
  await alert(it.servers, "covered", "high", "face_swap", "Look");
  await dialog.getByRole("alert").filter({ hasText: "High alert: Look" }).waitFor();
  await dialog.getByRole("button", { name: "Not now" }).click();
  await dialog.waitFor({ state: "hidden" });
  // One region is left: what comes now is spoken once.
  await until(
    () => page.locator("[role=alert][aria-live]").count(),
    (count) => count === 1,
  );
});

test("the page of a broken configuration has no violations", async (t) => {
  const folder = scratch();
  const servers = await startServers("--config", folder.file("config.json", "{}"));
  t.after(async () => {
    await servers.stop();
    folder.dispose();
  });
  const { page } = await it.open(t, { script: AXE });
  await page.goto(`${servers.page}/`);
  await page.getByRole("heading", { name: "This page is not set up" }).waitFor();
  await clean(page);
});

/** Checks what is on the page now, in both themes and both widths. */
async function clean(page) {
  const found = [];
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      for (const fault of await violations(page)) found.push(`${width} ${colorScheme}: ${fault}`);
      const wide = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement;
        return scrollWidth > clientWidth ? scrollWidth : 0;
      });
      if (wide) found.push(`${width} ${colorScheme}: scrolls sideways to ${wide}`);
    }
  }
  await page.setViewportSize({ width: WIDTHS[0], height: 900 });
  assert.deepEqual(found, []);
}
