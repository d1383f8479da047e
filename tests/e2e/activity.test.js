// Everything that was told, on a page of its own: listed, filtered, led back to, counted while it is new, and exported.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { violations } from "../a11y/axe.js";
import { tone } from "../backend/samples.js";
import { AXE, alert, joinMeeting, pill, row, rowSays, signIn, stage, until, upload } from "./harness.js";

const it = stage("--pace", "0");

/** A name that a spreadsheet would compute. */
const FORMULA = '=HYPERLINK("x").wav';

test("what was announced is listed newest first, found by type, severity and text, and leads to its place", async (t) => {
  const { page } = await it.enter(t, { script: AXE });
  await upload(page, "first.wav", tone(20_000));
  await rowSays(page, "first.wav", "Complete");
  await joinMeeting(page, "stand up");
  await alert(it.servers, "stand up", "medium", "lip_sync", "Lips do not match");
  await alert(it.servers, "stand up", "high", "face_swap", "=1+1");
  await page.locator("li.alert").nth(1).waitFor();

  await toActivity(page);
  const texts = await lines(page).allTextContents();
  const at = (words) => texts.findIndex((text) => text.includes(words));
  assert.ok(at("High alert: =1+1") >= 0 && at("High alert: =1+1") < at("Medium alert: Lips"), texts.join(" | "));
  assert.ok(at("Medium alert: Lips") < at("Analysis finished: first.wav"), texts.join(" | "));
  assert.match(texts[0], /^\d/, "each line begins with its time");
  const day = await page.evaluate(() => new Intl.DateTimeFormat([], { dateStyle: "full" }).format());
  await page.getByRole("heading", { level: 2, name: day }).waitFor();
  assert.deepEqual(await violations(page), []);

  await page.getByLabel("Type").selectOption("Alert");
  await until(
    () => lines(page).count(),
    (count) => count === 2,
  );
  await page.getByLabel("Severity").selectOption("High and above");
  await until(
    () => lines(page).count(),
    (count) => count === 1,
  );
  assert.match(page.url(), /#\/activity\?type=alert&severity=high$/);
  await page.getByText(/^1 of \d+ entries$/).waitFor();
  await page.getByLabel("Severity").selectOption("Critical");
  await page.getByText("Nothing matches these filters.").waitFor();
  await page.getByRole("button", { name: "Clear filters" }).click();
  await page.getByLabel("File or meeting").fill("STAND UP");
  await until(
    () => lines(page).count(),
    (count) => count === 2,
  );

  await lines(page).first().getByRole("link").click();
  await page.getByRole("heading", { level: 1, name: "Meeting stand up" }).waitFor();
  await page.goBack();
  // The filter is in the address, and the log has survived both ways.
  await until(
    () => lines(page).count(),
    (count) => count === 2,
  );
  await page.getByRole("button", { name: "Clear filters" }).click();
  await lines(page).getByRole("link", { name: "Analysis finished: first.wav" }).click();
  await page.getByRole("heading", { level: 1, name: "first.wav" }).waitFor();
});

test("what was told longer ago than is asked for is left out, and the address keeps how long", async (t) => {
  const { page } = await it.enter(t);
  await joinMeeting(page, "long ago");
  await alert(it.servers, "long ago", "low", "first");
  await page.getByText("Seen once").waitFor();
  await page.getByRole("link", { name: /^Activity/ }).click();
  const told = lines(page).filter({ hasText: "Low alert: first" });
  await told.waitFor();

  await page.evaluate(() => {
    const now = performance.now.bind(performance);
    performance.now = () => now() + 20 * 60 * 1000;
  });
  const time = page.getByRole("combobox", { name: "Time" });
  await until(async () => {
    // Of a moment ago, until the page has looked at its clock again.
    await time.selectOption("Any time");
    await time.selectOption("Last 15 minutes");
    return (await told.count()) === 0;
  });
  assert.match(page.url(), /#\/activity\?since=15m$/);
  await time.selectOption("Last hour");
  await told.waitFor();
});

test("what is new is counted in the navigation until it is looked at, and what comes then waits to be let in", async (t) => {
  const { page } = await it.enter(t);
  const link = page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: /^Activity/ });
  await upload(page, "first.wav", tone(20_000));
  await rowSays(page, "first.wav", "Complete");
  await until(
    () => link.textContent(),
    (text) => text.includes("1 new"),
  );

  await toActivity(page);
  await lines(page).filter({ hasText: "Analysis finished: first.wav" }).getByText("New", { exact: true }).waitFor();
  await until(
    () => link.locator(".badge").isVisible(),
    (isVisible) => !isVisible,
  );

  const before = await lines(page).allTextContents();
  await joinMeeting(page, "m");
  await toActivity(page);
  await alert(it.servers, "m", "low", "noise", "Listen");
  await page.getByRole("button", { name: "Show 1 new" }).waitFor();
  assert.equal(await lines(page).filter({ hasText: "Listen" }).count(), 0, "nothing moves under the eyes");
  await page.getByRole("button", { name: "Show 1 new" }).click();
  await lines(page).filter({ hasText: "Low alert: Listen" }).waitFor();
  assert.equal(await lines(page).count(), before.length + 1);
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "H1", "the focus stays on the page");
});

test("the file has what the filter leaves, and no name in it is a formula", async (t) => {
  const { page } = await it.enter(t);
  await upload(page, FORMULA, tone(20_000));
  await rowSays(page, FORMULA, "Complete");
  await joinMeeting(page, "@meet");
  await alert(it.servers, "@meet", "high", "face_swap", "\t=1+1", "=p");
  await page.locator("li.alert").first().waitFor();
  await toActivity(page);

  const [name, csv] = await exported(page, "Export CSV");
  assert.match(name, /^activity-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.csv$/);
  const [head, ...rows] = csv.split("\r\n");
  assert.match(head, /^\uFEFF"time","last","count","kind","severity","server","mediaId","meetingId",/);
  const ended = rows.find((row) => row.includes("Analysis finished"));
  assert.ok(ended.includes(`,"'=HYPERLINK(""x"").wav",`), ended);
  const alerted = rows.find((row) => row.includes('"alert","high"'));
  assert.ok(alerted.includes(`,"'@meet","'=p",`), alerted);
  for (const cell of rows.flatMap((row) => row.split(/,(?=")/)))
    assert.doesNotMatch(cell, /^"[=+\-@\t\r]/, "a cell that computes");

  await page.getByLabel("Type").selectOption("Alert");
  const [, json] = await exported(page, "Export JSON");
  const { entries, dropped, exported: at } = JSON.parse(json);
  assert.equal(dropped, 0);
  assert.ok(Math.abs(Date.now() - Date.parse(at)) < 60_000);
  assert.deepEqual(
    entries.map(({ kind, severity, meetingId, participantId }) => [kind, severity, meetingId, participantId]),
    [["alert", "high", "@meet", "=p"]],
  );
});

test("signing out forgets all of it", async (t) => {
  const { page } = await it.enter(t);
  await upload(page, "first.wav", tone(20_000));
  await rowSays(page, "first.wav", "Complete");
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await signIn(page);
  await pill(page, "Live");
  await row(page, "first.wav").waitFor();

  await toActivity(page);
  await page.getByRole("heading", { name: "Nothing has happened yet." }).waitFor();
});

const lines = (page) => page.locator("ol.log > li");

async function toActivity(page) {
  await page
    .getByRole("navigation", { name: "Main" })
    .getByRole("link", { name: /^Activity/ })
    .click();
  await page.getByRole("heading", { level: 1, name: "Activity", exact: true }).waitFor();
}

/** Presses a button that exports. @returns {Promise<[string, string]>} the file's name and its text */
async function exported(page, button) {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("main").getByRole("button", { name: button }).click(),
  ]);
  return [download.suggestedFilename(), await readFile(await download.path(), "utf8")];
}
