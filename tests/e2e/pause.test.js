// What moves by itself can be held (WCAG 2.2.2).
import assert from "node:assert/strict";
import { test } from "node:test";
import { tone } from "../backend/samples.js";
import { alert, joinMeeting, row, rowSays, signIn, stage, toList, upload, watch } from "./harness.js";

const SLOW = 100_000;

const it = stage("--pace", "0");

test("a pause holds what is drawn, and nothing is called unknown that came in the meantime", async (t) => {
  const first = await it.enter(t);
  await upload(first.page, "there.wav", tone(20_000));
  await rowSays(first.page, "there.wav", "Complete");
  const item = await row(first.page, "there.wav").getByRole("link").getAttribute("href");
  for (const [hash, path, shown] of [
    ["", "**/api/v1/media", (page) => row(page, "there.wav")],
    [item, "**/api/v1/media**", (page) => page.getByRole("heading", { name: "there.wav", level: 1 })],
  ]) {
    const { page } = await it.open(t, { query: hash });
    let release;
    const released = new Promise((resolve) => (release = resolve));
    await page.route(path, async (route) => {
      await released;
      await route.continue();
    });
    await signIn(page);
    await page.getByRole("button", { name: "Pause updates" }).click();
    await page.evaluate(() => {
      globalThis.said = [];
      const look = () => globalThis.said.push(document.querySelector("main").innerText);
      new MutationObserver(look).observe(document.body, { attributes: true, childList: true, subtree: true });
    });

    release();

    await shown(page).waitFor();
    for (const text of await page.evaluate(() => globalThis.said))
      assert.doesNotMatch(text, /No media yet|Nothing is known|No items/);
  }
});

test("a pause holds the list and the bars, says how much has changed, and lets alerts through", async (t) => {
  const { page } = await it.enter(t);
  await joinMeeting(page, "m");
  await toList(page);
  await it.servers.control("settings", { pace: SLOW });
  await upload(page, "long.wav", tone(200_000));
  await rowSays(page, "long.wav", "Analyzing");
  const pause = page.getByRole("button", { name: "Pause updates" });
  await pause.click();
  assert.equal(await pause.getAttribute("aria-pressed"), "true");
  const held = page.getByRole("region", { name: "Pause updates" });
  await held.getByText(/^Updates paused\. /).waitFor();
  const list = () => page.locator("ul.media").textContent();
  const card = () => page.locator(".toast", { hasText: "long.wav" }).textContent();
  const [before, cardBefore] = [await list(), await card()];
  const moved = await watch(page, "ul.media");
  await held.getByText("1 item has changed since.").waitFor();
  assert.equal(await card(), cardBefore, "the bar of the card stood still");
  await it.servers.control("settings", { pace: 0 });
  await upload(page, "other.wav", tone(20_000));
  await held.getByText("2 items have changed since.").waitFor();
  const arrived = page.getByRole("region", { name: "Uploads" }).getByRole("listitem");
  await arrived.filter({ hasText: "other.wav" }).getByText("Uploaded", { exact: true }).waitFor();
  await alert(it.servers, "m", "high", "face_swap", "Look");
  await page.locator(".toast", { hasText: "Look" }).waitFor();
  // The end of what was running is told on its card.
  await page.locator(".toast", { hasText: "Complete" }).first().waitFor();
  assert.deepEqual(await moved(), [before], "the list stood still");

  await page.locator("a", { hasText: "Meetings" }).first().click();
  await page.getByRole("link", { name: /\bm$/ }).first().click();
  await alert(it.servers, "m", "low", "noise", "Listen");
  await page.locator("li.alert", { hasText: "Listen" }).waitFor();

  await toList(page);
  await held.getByRole("button", { name: "Resume" }).click();
  await rowSays(page, "long.wav", "Complete");
  await row(page, "other.wav").waitFor();
  assert.equal(await arrived.count(), 0, "what arrived is in the list now");
  assert.equal(await held.count(), 0);
});
