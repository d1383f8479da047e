// What the page of one media offers of it beside what it shows: the result as a file, details for support, its story.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { violations } from "../a11y/axe.js";
import { tone } from "../backend/samples.js";
import { ADA, AXE, ended, models, rowSays, signIn, stage, until, upload, uploadAndOpen } from "./harness.js";

const it = stage("--pace", "0", "--retry-delay", "50");

/** A name that a spreadsheet would compute. */
const FORMULA = '=HYPERLINK("x").wav';

test("the files of a result have each model as it fared, and no name in them is a formula", async (t) => {
  await it.servers.control("fail", { backend: "analysis", model: "container-structure", times: 3 });
  const { page } = await it.enter(t);
  await uploadAndOpen(page, FORMULA, tone(20_000));
  await ended(page, "Analysis partly complete");
  const shown = await models(page);
  const [media] = await it.servers.media();

  const [name, csv] = await exported(page, "Export CSV");
  assert.match(name, /^result--HYPERLINK--x---wav-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.csv$/);
  const [head, ...rows] = csv.trimEnd().split("\r\n");
  assert.match(head, /^\uFEFF"server","mediaId","name","run","status","verdict",/);
  assert.equal(rows.length, shown.length);
  for (const row of rows) {
    assert.ok(row.includes(`"${media.id}","'=HYPERLINK(""x"").wav",`), row);
    assert.match(row, /,"partly-complete","likely-(fake|real)","models",,\d,\d,false,4,3,1,/);
    for (const cell of row.split(/,(?=")/)) assert.doesNotMatch(cell, /^"[=+\-@\t\r]/, "a cell that computes");
  }

  const [, json] = await exported(page, "Export JSON");
  const { entries, ...about } = JSON.parse(json);
  assert.equal(about.mediaId, media.id);
  assert.equal(about.name, FORMULA);
  assert.equal(about.status, "partly-complete");
  assert.equal(about.proof, false);
  assert.ok(Math.abs(Date.now() - Date.parse(about.exported)) < 60_000);
  assert.ok(Date.parse(about.began) <= Date.parse(about.ended));
  assert.deepEqual(
    entries.map(({ model }) => model),
    shown.map(({ name }) => name),
  );
  for (const { model, state, label, confidence, error } of entries) {
    if (model === "container-structure") {
      assert.equal(state, "failed");
      assert.ok(error, "why it failed");
      continue;
    }
    assert.equal(state, "completed");
    const { state: said } = shown.find(({ name }) => name === model);
    assert.ok(said.toLowerCase().includes(label), `${said} says ${label}`);
    assert.ok(confidence >= 0 && confidence <= 1, `${confidence}`);
  }
});

test("no file of a result is offered before there is one", async (t) => {
  const { page } = await it.enter(t);
  await it.servers.control("settings", { pace: 100_000 });
  await uploadAndOpen(page, "slow.wav", tone(200_000));
  await page.getByRole("heading", { name: "Analysis in progress" }).waitFor();
  for (const name of ["Export CSV", "Export JSON", "Print"])
    assert.equal(await page.getByRole("button", { name }).isVisible(), false, name);
  await page.getByRole("button", { name: "Copy details" }).waitFor();
});

test("the details say what support needs, that they were copied is said for a while, and the focus stays", async (t) => {
  await it.servers.control("fail", { backend: "analysis", model: "container-structure", times: 3 });
  const { page, context } = await it.enter(t);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await uploadAndOpen(page, "private-name.wav", tone(20_000));
  await ended(page, "Analysis partly complete");
  const [media] = await it.servers.media();
  const button = page.getByRole("button", { name: "Copy details" });
  const status = page.locator("main .copy [role=status]");

  await button.focus();
  await page.keyboard.press("Enter");
  await until(
    () => status.textContent(),
    (said) => said === "Details copied.",
  );
  assert.equal(await button.evaluate((button) => document.activeElement === button), true);
  const [product, ...lines] = (await page.evaluate(() => navigator.clipboard.readText())).trimEnd().split("\n");
  assert.match(product, /^Telltale \d+\.\d+\.\d+$/);
  for (const line of ["server: Analysis", `mediaId: ${media.id}`, "status: partly-complete"])
    assert.ok(lines.includes(line), `${line} is not in ${lines.join(" | ")}`);
  assert.ok(lines.some((line) => /^model: container-structure, failed, attempt 3 of 3, error: ./.test(line)));
  assert.equal(lines.filter((line) => line.startsWith("model: ")).length, (await models(page)).length);
  assert.doesNotMatch(lines.join(" "), /private-name|eyJ|Bearer|\?/);
  await until(
    () => status.textContent(),
    (said) => said === "",
  );
});

test("a browser that does not let them be copied is not said to have done so", async (t) => {
  const { page } = await it.enter(t);
  await uploadAndOpen(page, "a.wav", tone(20_000));
  await page.evaluate(() => {
    navigator.clipboard.writeText = () => Promise.reject(new DOMException("no", "NotAllowedError"));
  });
  await page.getByRole("button", { name: "Copy details" }).click();
  await page.getByText("Your browser did not let them be copied.").waitFor();
});

test("what was told of a media stands on its page, and nothing of others", async (t) => {
  const { page } = await it.enter(t, { script: AXE });
  await analysed(page, "first.wav", "second.wav");
  await page.getByRole("link", { name: "first.wav" }).click();
  await ended(page, "Analysis complete");

  const told = page.getByRole("region", { name: "Activity" }).getByRole("listitem");
  await told.filter({ hasText: "Analysis finished: first.wav" }).waitFor();
  const before = await told.count();
  // Also what was told before its name was known.
  for (const text of await told.allTextContents()) assert.match(text, /first\.wav/);
  assert.deepEqual(await violations(page), []);

  // What comes while the page is open stands first.
  await page.getByRole("button", { name: "Analyze again" }).click();
  await until(
    () => told.filter({ hasText: "Analysis finished" }).count(),
    (count) => count === 2,
  );
  assert.ok((await told.count()) > before);
  assert.match(await told.first().textContent(), /Analysis finished: first\.wav/);

  await page.reload();
  await signIn(page);
  await ended(page, "Analysis complete");
  await page.getByRole("region", { name: "Activity" }).getByText("Nothing has happened yet.").waitFor();
});

test("a media that is deleted while somebody reads of it keeps its name there", async (t) => {
  const { page } = await it.enter(t);
  await analysed(page, "gone.wav");
  await page.getByRole("link", { name: "gone.wav" }).click();
  await ended(page, "Analysis complete");

  const [{ id }] = await it.servers.media();
  const { token } = await it.servers.control("token", { backend: "analysis", user: ADA.name });
  const headers = { authorization: `Bearer ${token}` };
  await fetch(`${it.servers.page}/analysis/api/v1/media/${id}`, { method: "DELETE", headers });
  await it.servers.control("disconnect", { backend: "analysis", how: "tcp" });

  await page.getByRole("heading", { name: "Nothing is known of this item" }).waitFor();
  await page.getByRole("heading", { level: 1, name: "gone.wav" }).waitFor();
});

test("of a long story the newest twenty lines stand there, and all of them are a link away", async (t) => {
  const { page } = await it.enter(t);
  await analysed(page, "other.wav", "long.wav");
  await page.getByRole("link", { name: "long.wav" }).click();
  await ended(page, "Analysis complete");
  const all = page.getByRole("region", { name: "Activity" }).getByRole("link", { name: /^Show all \d+ entries$/ });
  // A run is told of in two lines or six, as fast as it is.
  for (let runs = 2; runs <= 20 && (await all.count()) === 0; runs += 1) {
    await page.getByRole("button", { name: "Analyze again" }).click();
    await page.getByText(new RegExp(`^Run ${runs} · finished`)).waitFor();
  }

  const told = page.getByRole("region", { name: "Activity" }).getByRole("listitem");
  assert.equal(await told.count(), 20);
  const [, count] = /(\d+)/.exec(await all.textContent());
  await all.click();
  await page.getByRole("heading", { level: 1, name: "Activity", exact: true }).waitFor();
  const lines = page.locator("ol.log > li");
  assert.equal(await lines.count(), Number(count));
  for (const text of await lines.allTextContents()) assert.match(text, /long\.wav|a file/);
});

test("what an earlier run said stays under the newest, and an address opens it", async (t) => {
  await it.servers.control("fail", { backend: "analysis", model: "container-structure", times: 3 });
  const { page } = await it.enter(t, { script: AXE });
  await uploadAndOpen(page, "again.wav", tone(20_000));
  await ended(page, "Analysis partly complete");
  const first = await models(page);
  const verdict = await page.locator(".result .verdict").textContent();
  const earlier = page.getByRole("region", { name: "Earlier runs" });
  assert.equal(await earlier.count(), 0, "there was none before it");

  await page.getByRole("button", { name: "Analyze again" }).click();
  await page.getByText(/^Run 2 · finished/).waitFor();
  await ended(page, "Analysis complete");
  const run = earlier.getByRole("listitem");
  // It has its number from the server, once the page has asked.
  await run.getByText("Run 1", { exact: true }).waitFor();
  assert.match(await run.textContent(), /^Run 1\s+Partly complete\b.*Finished .* · took /);
  const address = page.url();

  const summary = run.locator("summary").first();
  await summary.focus();
  await page.keyboard.press("Enter");
  await until(() => page.url() === `${address}?run=1`);
  await earlier.getByText("A model score is not proof.").waitFor();
  assert.equal(await summary.evaluate((summary) => document.activeElement === summary), true);
  const rows = earlier.locator("ul.models > li");
  assert.deepEqual(await rows.locator(".name").allTextContents(), first.map(({ name }) => name).sort());
  // How long a model took is told only by the row that is fetched after its end.
  const told = (text) => text.trim().replace(/^Complete in [^·]+·/, "Complete ·");
  const said = (await rows.locator(".meta").allTextContents()).map(told);
  assert.deepEqual(
    said,
    first.sort((one, other) => (one.name < other.name ? -1 : 1)).map(({ state }) => told(state)),
  );
  assert.equal(said.filter((text) => text.startsWith("Failed after 3 attempts: ")).length, 1);
  assert.equal(await earlier.locator(".verdict").textContent(), verdict);
  // Nothing in it can be pressed or moves, and it is no twin of what is above it.
  assert.equal(await earlier.locator("button, .bar[role], [role=progressbar]").count(), 0);
  assert.equal(await page.getByRole("progressbar").count(), 1);
  const twins = await page.evaluate(() => {
    const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
    return ids.filter((id, at) => ids.indexOf(id) !== at);
  });
  assert.deepEqual(twins, []);
  assert.deepEqual(await violations(page), []);

  await page.keyboard.press("Enter");
  await until(() => page.url() === address);
  await rows.first().waitFor({ state: "detached" });

  await page.goto(`${address}?run=1`);
  await page.reload();
  await signIn(page);
  await until(
    () => earlier.locator("details[open] > summary").allTextContents(),
    ([text]) => text?.startsWith("Run 1"),
  );
  assert.equal(page.url(), `${address}?run=1`);
  assert.equal(await rows.count(), first.length);

  await page.goto(`${address}?run=7`);
  await earlier.getByText("There is no run 7 here.").waitFor();
});

/** Sends these files, each when the one before it has ended. */
async function analysed(page, ...names) {
  for (const name of names) {
    await upload(page, name, tone(20_000));
    await rowSays(page, name, "Complete");
  }
}

test("whoever analyzes again by a key does not lose the focus, also if it was done before the button was missed", async (t) => {
  const { page } = await it.enter(t);
  await it.servers.control("fail", { backend: "analysis", times: 100 });
  await uploadAndOpen(page, "again.wav", tone(4_000));
  const again = page.getByRole("button", { name: "Analyze again" });
  await again.waitFor();
  await it.servers.control("fail", { backend: "analysis", times: 0 });

  await again.press("Enter");

  await page.getByText(/^Run 2 · finished/).waitFor();
  // At the heading; or still on the button, if it went and came within one frame.
  await until(
    () => page.evaluate(() => document.activeElement.tagName),
    (tag) => tag !== "BODY",
  );
});

test("until a server says whether it analyzes again its button says that it was asked, and asks no second time", async (t) => {
  const { page } = await it.enter(t);
  await uploadAndOpen(page, "asked.wav", tone(4_000));
  await page.getByRole("button", { name: "Analyze again" }).waitFor();
  let answer;
  let asked = 0;
  await page.route(/\/media\/[^/]+\/analy[sz]e/, (route) => {
    asked++;
    answer = () => route.continue();
  });

  await page.getByRole("button", { name: "Analyze again" }).press("Enter");
  const button = page.getByRole("button", { name: "Requesting…", disabled: true });
  await button.waitFor();
  await button.press("Enter");
  await until(() => asked);
  assert.ok(await button.evaluate((found) => found === document.activeElement));
  await answer();

  await page.getByText(/^Run 2 · finished/).waitFor();
  await page.getByRole("button", { name: "Analyze again" }).waitFor();
  assert.equal(asked, 1);
});

/** Presses a button that exports. @returns {Promise<[string, string]>} the file's name and its text */
async function exported(page, button) {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("main").getByRole("button", { name: button }).click(),
  ]);
  return [download.suggestedFilename(), await readFile(await download.path(), "utf8")];
}

test("once its day is over, a time is said with its day, also on a page that stays open", async (t) => {
  const { page } = await it.enter(t);
  await upload(page, "night.wav", tone(20_000));
  await rowSays(page, "night.wav", "Complete");
  const item = await page.getByRole("link", { name: "night.wav" }).getAttribute("href");
  const year = String(new Date().getFullYear());
  const about = (page) => page.getByText(/received /).first();
  for (const [query, times] of [
    ["", [about]],
    [item, [about, (page) => page.getByText(/^Finished /)]],
  ]) {
    const { page } = await it.enter(t, { query, clock: true });
    for (const time of times) assert.ok(!(await time(page).textContent()).includes(year));
    await page.clock.setSystemTime(Date.now() + 24 * 60 * 60 * 1000);
    for (const time of times)
      await until(
        () => time(page).textContent(),
        (text) => text.includes(year),
      );
  }
});
