// The debug panel: what goes in and out, decoded and without secrets, and a file of it that says the same.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { violations } from "../a11y/axe.js";
import { tone } from "../backend/samples.js";
import { ADA, AXE, pill, rowSays, signIn, stage, until, upload } from "./harness.js";

const it = stage("--pace", "0");

test("a record from the beginning has CONNECT without its token, events with their facts, and unknown ones by name", async (t) => {
  const { page } = await it.open(t, { script: AXE, query: "?debug" });
  const tokens = await listen(page);
  await signIn(page);
  await pill(page, "Live");
  await upload(page, "first.wav", tone(20_000));
  await rowSays(page, "first.wav", "Complete");
  await toDebug(page);
  await page.getByText("Recorded from the beginning of this page.").waitFor();

  await choose(page, "CONNECT", "Sent");
  await detail(page).getByText('"token": "redacted"').waitFor();
  await detail(page)
    .getByText(/^Socket\.IO CONNECT \/$/)
    .waitFor();

  await choose(page, "media_update", "Received");
  await detail(page).getByRole("heading", { name: "What was made of it" }).waitFor();
  assert.match(await detail(page).locator(".facts").textContent(), /^Media \{/);
  assert.match(await detail(page).textContent(), /Socket\.IO EVENT/);

  await page.getByRole("button", { name: "Clear filters" }).click();
  for (let times = 0; times < 3; times++)
    await it.servers.control("emit", { backend: "library", event: "video:status", args: [{ id: "v", times }] });
  const unhandled = page.getByRole("button", { name: /video:status \(3\)$/ });
  await unhandled.click();
  await until(
    () => rows(page).count(),
    (count) => count === 3,
  );
  await rows(page).last().click();
  await detail(page).getByText("no event of this server has that name").waitFor();
  await detail(page).getByText('"times": 2').waitFor();
  await page.getByRole("button", { name: "Clear filters" }).click();
  assert.deepEqual(await violations(page), []);

  const { name, text, file } = await exported(page);
  assert.match(name, /^telltale-record-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.json$/);
  assert.equal(file.format, "telltale-record");
  assert.equal(file.whole, true);
  assert.deepEqual(
    file.servers.map(({ kind }) => kind),
    ["analysis", "library", "meeting", "interview"],
  );
  assert.deepEqual(
    file.entries.map(({ n }) => n),
    file.entries.map((_, at) => at),
  );
  const frames = file.entries.filter(({ what }) => what === "frame");
  const connects = frames.filter(({ direction, text }) => direction === "out" && text.startsWith("40"));
  assert.ok(connects.length >= 3, "each server is joined");
  for (const { text } of connects) assert.match(text, /^40(\{"token":"redacted"\})?$/);
  assert.equal(frames.filter(({ text }) => text.startsWith('42["video:status"')).length, 3);
  assert.ok(tokens.size >= 2, "tokens were given out");
  for (const secret of [...tokens, ADA.name]) assert.ok(!text.includes(secret), "a secret is in the file");
  assert.ok(!(await page.locator("main").textContent()).includes([...tokens][0]));
});

test("without being asked for, a record begins when the panel is opened and ends with it", async (t) => {
  const { page } = await it.enter(t, { script: AXE });
  await toDebug(page);
  await page.getByText(/^Recorded since .* What came before is not in it\.$/).waitFor();
  await page.getByText("No frames yet.").waitFor();
  const link = page.getByRole("link", { name: "Reload and record from the beginning" });
  assert.equal(await link.getAttribute("href"), "?debug#/debug");

  await announce("one");
  await until(
    () => rows(page).count(),
    (count) => count === 1,
  );
  await page.getByRole("button", { name: "Pause the list" }).click();
  await announce("two");
  // What is counted goes on while the list stands still.
  await page.getByText(/^2 frames, /).waitFor();
  assert.equal(await rows(page).count(), 1);
  await page.getByRole("button", { name: "Pause the list" }).click();
  await until(
    () => rows(page).count(),
    (count) => count === 2,
  );
  assert.deepEqual(await violations(page), []);

  await page.getByRole("button", { name: "Clear", exact: true }).click();
  await page.getByText("No frames yet.").waitFor();
  await announce("three");
  await until(
    () => rows(page).count(),
    (count) => count === 1,
  );
  const { file } = await exported(page);
  assert.equal(file.whole, false);
  assert.equal(file.dropped, 2);

  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Media" }).click();
  await announce("unheard");
  await toDebug(page);
  await page.getByText("No frames yet.").waitFor();
});

test("the arrow keys choose in the list, and only what is in sight is on the page", async (t) => {
  const { page } = await it.enter(t);
  await toDebug(page);
  const args = Array.from({ length: 400 }, (_, at) => at);
  await Promise.all(args.map((at) => announce(`number ${at}`)));
  await page.getByText("400 entries", { exact: true }).waitFor();
  assert.ok((await rows(page).count()) < 60, "the rest is not on the page");

  const list = page.getByRole("listbox", { name: "Record, oldest first" });
  await list.focus();
  await page.keyboard.press("Home");
  const chosen = () => page.locator('[aria-selected="true"]').getAttribute("aria-posinset");
  assert.equal(await chosen(), "1");
  for (const [key, place] of [
    ["ArrowDown", "2"],
    ["End", "400"],
    ["ArrowUp", "399"],
    ["ArrowDown", "400"],
    ["ArrowDown", "400"],
  ]) {
    await page.keyboard.press(key);
    await until(chosen, (now) => now === place);
  }
  const [active, id] = [
    await list.getAttribute("aria-activedescendant"),
    await page.locator('[aria-selected="true"]').getAttribute("id"),
  ];
  assert.equal(active, id);
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("role")), "listbox");
  const isInSight = await page.locator('[aria-selected="true"]').evaluate((row) => {
    const [row_, list] = [row, row.closest(".frames")].map((element) => element.getBoundingClientRect());
    return row_.top >= list.top - 1 && row_.bottom <= list.bottom + 1;
  });
  assert.ok(isInSight);
});

test("what servers say, and what they call it, is text in the record", async (t) => {
  const { page, urls } = await it.enter(t);
  page.on("dialog", (dialog) => assert.fail(`a dialog says ${dialog.message()}`));
  await toDebug(page);
  const payloads = JSON.parse(await readFile(new URL("../fixtures/hostile.json", import.meta.url), "utf8"));
  const say = async (text) => {
    await announce(text);
    await it.servers.control("emit", { backend: "library", event: text.slice(0, 100), args: [{ [text]: text }] });
  };
  const list = page.getByRole("listbox", { name: "Record, oldest first" });
  /** Each kind of element on the page, with the names of its attributes. */
  const shapes = () =>
    page.evaluate(() => [
      ...new Set(
        Array.from(document.querySelectorAll("body *"), (at) => `${at.localName} ${at.getAttributeNames().sort()}`),
      ),
    ]);

  await say("harmless");
  await page.getByText("2 entries", { exact: true }).waitFor();
  await list.focus();
  const known = new Set(await shapes());
  for (const key of ["Home", "ArrowDown"]) {
    await page.keyboard.press(key);
    await detail(page).getByRole("heading").first().waitFor();
    for (const shape of await shapes()) known.add(shape);
  }
  for (const { text, times = 1 } of payloads) await say(text.repeat(times));
  await page.getByText(`${2 + 2 * payloads.length} entries`, { exact: true }).waitFor();
  for (let at = 0; at < 2 * payloads.length; at++) {
    await page.keyboard.press("ArrowDown");
    const unknown = (await shapes()).filter((shape) => !known.has(shape));
    assert.deepEqual(unknown, [], JSON.stringify(payloads[Math.floor(at / 2)]));
  }
  const origin = new URL(it.servers.page).host;
  assert.deepEqual(
    urls.filter((url) => new URL(url).host !== origin),
    [],
  );
});

test("a part of a name is found however it is written, and stays as it was typed", async (t) => {
  const { page } = await it.enter(t);
  await toDebug(page);
  await announce("Back at noon");
  const field = page.getByLabel("Event or path");
  await field.fill("Server:Annoncement");
  await field.press("ArrowLeft");
  for (let left = 0; left < 6; left += 1) await field.press("ArrowLeft");
  await field.pressSequentially("U");
  assert.equal(await field.inputValue(), "Server:AnnoUncement");
  await rows(page).filter({ hasText: "server:announcement" }).first().waitFor();
  assert.equal(await field.evaluate((field) => field.selectionStart), "Server:AnnoU".length);
});

const rows = (page) => page.getByRole("listbox", { name: "Record, oldest first" }).getByRole("option");
const detail = (page) => page.getByRole("region", { name: "Entry" });

/** Has a server say something that its vocabulary knows. */
const announce = (message) =>
  it.servers.control("emit", { backend: "library", event: "server:announcement", args: [{ message }] });

/** Opens the panel as a person does: from the list of servers. */
async function toDebug(page) {
  await page.locator("#conn").click();
  await page.getByRole("link", { name: "Debug panel" }).click();
  await page.getByRole("heading", { level: 1, name: "Debug panel" }).waitFor();
  await page.getByRole("button", { name: "Export JSON" }).waitFor();
}

/** Chooses the last entry of this name that went this way. */
async function choose(page, name, direction) {
  await page.getByLabel("Event or path").fill(name);
  await page.getByLabel("Direction").selectOption(direction);
  await rows(page).last().click();
}

/** Collects the tokens that the servers give out. */
async function listen(page) {
  const tokens = new Set();
  await page.route(/\/login$/, async (route) => {
    const response = await route.fetch();
    const said = await response.text();
    for (const [, token] of said.matchAll(/"(?:token|accessToken)":"([^"]+)"/g)) tokens.add(token);
    await route.fulfill({ response });
  });
  return tokens;
}

/** The file that the panel exports. */
async function exported(page) {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("main").getByRole("button", { name: "Export JSON" }).click(),
  ]);
  const text = await readFile(await download.path(), "utf8");
  return { name: download.suggestedFilename(), text, file: JSON.parse(text) };
}
