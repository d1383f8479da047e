// Everything by keys alone, and every stop of the Tab key to be seen.
import assert from "node:assert/strict";
import { test } from "node:test";
import { tone } from "../backend/samples.js";
import { look, tabTo } from "../a11y/stops.js";
import { ADA, ended, joinMeeting, pill, signIn, stage, until, upload } from "./harness.js";

/** More presses of Tab than the page has stops. */
const MOST_STOPS = 60;

const it = stage("--pace", "400000");

test("how much is announced is chosen by a person, holds at once and is kept", async (t) => {
  const { page } = await it.enter(t);
  const heard = () =>
    page.evaluate(() => {
      window.heard = [];
      const region = document.getElementById("polite");
      const note = () => region.textContent.trim() && window.heard.push(region.textContent.trim());
      new MutationObserver(note).observe(region, { childList: true, characterData: true, subtree: true });
    });
  const choose = async (word) => {
    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByRole("group", { name: "Announcements" }).getByLabel(word).check();
    await page.keyboard.press("Escape");
  };
  await it.servers.control("settings", { pace: 0 });
  await choose("Important");
  await heard();

  await upload(page, "spoken.wav", tone(60_000));
  await until(
    () => page.evaluate(() => window.heard),
    (heard) => heard.some((text) => text.includes("spoken.wav") && /finished/.test(text)),
  );
  assert.deepEqual(
    (await page.evaluate(() => window.heard)).filter((text) => /started/.test(text)),
    [],
  );
  await page.reload();
  await signIn(page);
  await pill(page, "Live");
  await page.getByRole("button", { name: "Settings" }).click();
  const group = page.getByRole("group", { name: "Announcements" });
  assert.equal(await group.getByLabel("Important").isChecked(), true);
  await page.keyboard.press("Escape");
  await heard();
  await upload(page, "kept.wav", tone(60_000));
  await until(
    () => page.evaluate(() => window.heard),
    (heard) => heard.some((text) => text.includes("kept.wav") && /finished/.test(text)),
  );
  assert.deepEqual(
    (await page.evaluate(() => window.heard)).filter((text) => /started/.test(text)),
    [],
  );
});

test("whoever presses what then goes away is at the heading of the page, not nowhere", async (t) => {
  const { page } = await it.enter(t);
  await it.servers.control("settings", { pace: 0 });
  await upload(page, "again.wav", tone(20_000));
  await page.getByRole("link", { name: "again.wav" }).click();
  await ended(page, "Analysis complete");
  // So slow that the button stays away.
  await it.servers.control("settings", { pace: 60_000 });
  const holder = () => page.evaluate(() => document.activeElement.tagName);
  for (const button of [
    page.getByRole("button", { name: "Analyze again" }),
    page.getByRole("region", { name: "Pause updates" }).getByRole("button", { name: "Resume" }),
  ]) {
    if (!(await button.isVisible())) await page.getByRole("button", { name: "Pause updates" }).press("Enter");
    await button.press("Enter");
    await until(holder, (tag) => tag === "H1");
  }
});

test("signing in, uploading, opening an item and putting its card away need no pointer", async (t) => {
  const { page } = await it.open(t);
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await tabTo(page, page.getByLabel(/e-?mail/i));
  await page.keyboard.type(ADA.name);
  await page.keyboard.press("Tab");
  await page.keyboard.type(ADA.password);
  await page.keyboard.press("Enter");
  await pill(page, "Live");
  await focused(page, page.getByRole("heading", { name: "Media", exact: true }));

  await tabTo(page, page.getByRole("button", { name: "Upload a file" }));
  await page.keyboard.press("Enter");
  await (await chooser).setFiles({ name: "keys.wav", mimeType: "audio/wav", buffer: tone(200_000) });
  const link = page.getByRole("link", { name: "keys.wav" });
  await link.waitFor();
  await tabTo(page, link);
  const card = page.locator(".toast");
  await card.waitFor();
  await page.keyboard.press("Alt+KeyT");
  await focused(page, card);
  await page.keyboard.press("Alt+KeyT");
  await focused(page, link);
  await page.keyboard.press("Alt+KeyT");
  await page.keyboard.press("Escape");
  await until(
    () => card.count(),
    (count) => count === 0,
  );
  await focused(page, link);

  await it.servers.control("settings", { pace: 0 });
  await page.keyboard.press("Enter");
  await page.getByRole("progressbar").waitFor();
  await focused(page, page.getByRole("heading", { name: "keys.wav" }));
  await ended(page, "Analysis complete");
});

test("every stop of the Tab key is in sight and has a ring of two pixels", async (t) => {
  const { page } = await it.enter(t);
  await upload(page, "stops.wav", tone(200_000));
  await page.locator(".toast").waitFor();
  // As long as the file is on its way, there is a button more.
  await page.getByRole("button", { name: "Cancel: stops.wav" }).waitFor({ state: "detached" });
  const stops = [];
  for (let press = 0; press < MOST_STOPS; press += 1) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(look);
    // From the last stop the focus leaves the page, and comes back to the first.
    if (stop === null) continue;
    if (stops.some(({ at }) => at === stop.at)) break;
    stops.push(stop);
  }
  const names = stops.map(({ name }) => name).join(" | ");
  t.diagnostic(`stops: ${names}`);
  // Skip link, three pages, pill, pause, settings, server, button, search, status, result, order, item, card and its two buttons.
  assert.equal(stops.length, 17, names);
  assert.deepEqual(
    stops.filter(({ ring, inSight, size }) => ring < 2 || !inSight || size < 24),
    [],
  );
});

const focused = (page, target) =>
  until(
    () => target.evaluate((element) => element === document.activeElement),
    (has) => has,
    3000,
  );

test("Alt+T goes to the cards, and T with AltGr writes a letter where one types", async (t) => {
  const { page } = await it.enter(t);
  const search = page.getByLabel("Search");
  const press = (keys) =>
    search.evaluate((field, keys) => {
      field.focus();
      const options = { key: "þ", code: "KeyT", bubbles: true, cancelable: true };
      const isWritten = field.dispatchEvent(new KeyboardEvent("keydown", { ...options, ...keys }));
      return [isWritten, document.activeElement === field];
    }, keys);
  // As Windows tells of AltGr.
  assert.deepEqual(await press({ ctrlKey: true, altKey: true, modifierAltGraph: true }), [true, true]);
  assert.deepEqual(await press({ shiftKey: true, altKey: true }), [true, true]);
  assert.deepEqual(await press({ altKey: true }), [false, false]);
});

test("in forced colours a pressed button looks pressed, and one that does nothing never looks as if it did", async (t) => {
  const { page } = await it.enter(t, { forcedColors: "active" });
  const edge = (button) => button.evaluate((button) => getComputedStyle(button).borderTopWidth);
  const pause = page.getByRole("button", { name: "Pause updates" });
  const before = await edge(pause);
  await pause.press("Enter");
  await page.getByRole("button", { name: "Resume" }).waitFor();
  assert.notEqual(await edge(pause), before);
  await pause.press("Enter");

  await page.emulateMedia({ forcedColors: "none" });
  await joinMeeting(page, "quiet");
  const ink = (name) => page.getByRole("button", { name }).evaluate((button) => getComputedStyle(button).color);
  assert.ok(await page.getByRole("button", { name: "Export CSV" }).isDisabled());
  assert.notEqual(await ink("Export CSV"), await ink("Leave"));
});

test("no card stays because the focus went with another, also where the browser does not tell of that", async (t) => {
  const { page } = await it.enter(t);
  await it.servers.control("settings", { pace: 0 });
  await page.evaluate(() => addEventListener("focusout", (event) => event.stopImmediatePropagation(), true));
  await upload(page, "seen.wav", tone(20_000));
  await page.locator(".toast").getByRole("button", { name: "View", exact: true }).press("Enter");
  await ended(page, "Analysis complete");
  const message = "Back at noon";
  await it.servers.control("emit", { backend: "library", event: "server:announcement", args: [{ message }] });
  const card = page.locator(".toast", { hasText: message });
  await card.waitFor();
  await card.waitFor({ state: "detached" });
});

test("on a narrow page the Tab key goes through the header as it is read", async (t) => {
  const { page } = await it.enter(t, { width: 360, height: 700 });
  const places = [];
  await page.locator(".skip").focus();
  for (let press = 0; press < 6; press += 1) {
    await page.keyboard.press("Tab");
    const { x, y, height } = await page.evaluate(() => document.activeElement.getBoundingClientRect().toJSON());
    places.push({ x, y: y + height / 2 });
  }
  const isBefore = (a, b) => (Math.abs(a.y - b.y) < 8 ? a.x < b.x : a.y < b.y);
  const isInOrder = places.slice(1).every((place, at) => isBefore(places[at], place));
  assert.ok(isInOrder, JSON.stringify(places));
});
