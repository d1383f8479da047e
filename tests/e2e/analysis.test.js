// One file from the button to the result, and what becomes of it when models fail.
import assert from "node:assert/strict";
import { test } from "node:test";
import { tone } from "../backend/samples.js";
import { ended, models, row, rowSays, stage, toList, until, upload, uploadAndOpen, watch } from "./harness.js";

/** A pace at which each detector works for two seconds; the servers read no file faster unless they are not paced. */
const SLOW = 400_000;
const FAST = 0;

const it = stage("--pace", `${SLOW}`, "--retry-delay", "400");

test("an upload is seen to grow model by model until its result, and is spoken of at most six times", async (t) => {
  const { page, said } = await it.enter(t);
  const polite = await watch(page, "#polite");
  const assertive = await watch(page, "#assertive");
  await uploadAndOpen(page, "interview.wav", tone(200_000));
  await page.getByRole("progressbar").waitFor();
  const overall = await watch(page, "main [role=progressbar]", "aria-valuenow");
  const figures = [];
  for (const at of [1, 2, 3, 4]) figures.push(await watch(page, `main ul.models > li:nth-child(${at}) .figure`));
  assert.equal(await page.getByRole("progressbar").count(), 1, "the overall bar is the only progressbar");
  const spoken = await page.getByRole("progressbar").getAttribute("aria-valuetext");
  assert.match(spoken, /^\d+%, \d of 4 models complete/);

  await ended(page, "Analysis complete");
  grows((await overall()).map(Number), 10);
  for (const figure of figures) {
    const shown = (await figure()).filter((text) => text !== "–");
    grows(shown.map(Number.parseFloat), 4);
  }
  const [item] = await it.servers.media();
  const rows = await models(page);
  assert.equal(rows.length, 4);
  for (const { name, figure, state } of rows) {
    const stored = item.analysisRuns[0].analyses.find(({ modelName }) => modelName === name);
    const label = stored.prediction === "FAKE" ? "Fake" : "Real";
    assert.equal(figure, "100%");
    assert.match(state, new RegExp(`^Complete.* · ${label} ${Math.floor(stored.confidence * 100 + 1e-9)}%$`), name);
  }
  const result = page.getByRole("region", { name: "Result", exact: true });
  await result.getByText("Likely real", { exact: true }).waitFor();
  await result.getByText("3 of 4 models say real.").waitFor();
  await page.getByText("Simulated data. Do not use these scores.").waitFor();

  const last = await until(
    () => page.locator("#polite").textContent(),
    (text) => text.includes("finished"),
  );
  assert.match(last, /interview\.wav\. Likely real\./);
  const announcements = [...(await polite()), ...(await assertive())].filter(Boolean);
  assert.ok(announcements.length <= 6, announcements.join(" | "));

  await page.getByRole("navigation", { name: "Path" }).getByRole("link", { name: "Media" }).click();
  assert.match(await row(page, "interview.wav").textContent(), /Complete/);
  const complaints = said.filter((line) => /^(error|warning)/.test(line));
  assert.deepEqual(complaints, []);
});

test("a title that somebody sees is another once a second at most, and tells no share of what has ended", async (t) => {
  const { page } = await it.enter(t);
  await uploadAndOpen(page, "titled.wav", tone(200_000));
  await page.getByRole("progressbar").waitFor();
  const noted = await page.evaluateHandle(() => {
    const noted = { began: performance.now(), titles: [] };
    const note = () => noted.titles.push(document.title);
    new MutationObserver(note).observe(document.querySelector("title"), { childList: true });
    return noted;
  });
  const overall = await watch(page, "main [role=progressbar]", "aria-valuenow");
  await ended(page, "Analysis complete");
  await until(
    () => page.title(),
    (title) => title === "titled.wav · Telltale",
  );
  const { titles, seconds } = await noted.evaluate(({ titles, began }) => ({
    titles,
    seconds: (performance.now() - began) / 1000,
  }));
  grows((await overall()).map(Number), 10);
  assert.match(titles[0], /^\d+% titled\.wav/);
  assert.ok(titles.length <= Math.ceil(seconds) + 1, `${titles.length} in ${seconds} s: ${titles}`);
});

test("what waits for its turn is said to wait, and shows no share of the whole", async (t) => {
  const { page } = await it.enter(t);
  for (const name of ["first.wav", "second.wav"]) await upload(page, name, tone(400_000));
  const card = (name) => page.locator(".toast", { hasText: name });
  await card("first.wav")
    .getByText(/% · \d of 4 models/)
    .waitFor();
  const waiting = card("second.wav");
  await waiting.getByText("Queued", { exact: true }).waitFor();
  assert.equal(await waiting.getByText(/models/).count(), 0);
  assert.equal(await waiting.locator(".bar:visible").count(), 0);
});

test("an account without media is invited to upload, not told of a failure", async (t) => {
  const { page } = await it.enter(t);
  await page.getByRole("heading", { name: "No media yet" }).waitFor();
  assert.equal(await page.getByText("Could not load media.").count(), 0);
});

test("the card shows a run on the list, opens to its models and is hidden on the run's own page", async (t) => {
  const { page } = await it.enter(t);
  await upload(page, "card.wav", tone(200_000));
  const card = page.locator(".toast", { hasText: "card.wav" });
  await card.waitFor();
  await until(
    () => card.textContent(),
    (text) => /\d+% · \d of 4 models/.test(text),
  );
  assert.equal(await card.getByRole("progressbar").count(), 0);
  assert.equal(await page.locator(":is([aria-live], [role=status], [role=alert]) .toast").count(), 0);

  await card.getByRole("button", { name: "Show details: card.wav" }).click();
  await until(
    () => card.locator("ul.models > li").count(),
    (count) => count === 4,
  );
  await page.getByRole("link", { name: "card.wav" }).click();
  await page.getByRole("progressbar").waitFor();
  await gone(card);
  await toList(page);
  await card.waitFor();
  await it.servers.control("settings", { pace: FAST });
  await until(
    () => card.textContent(),
    (text) => text.includes("Complete: likely real"),
  );
  await card.getByRole("button", { name: "View" }).click();
  await ended(page, "Analysis complete");
  await gone(card);
});

test("a model that fails twice and then succeeds is never shown as failed", async (t) => {
  await it.servers.control("fail", { backend: "analysis", model: "spectral-flatness", times: 2 });
  const { page } = await it.enter(t);
  const assertive = await watch(page, "#assertive");
  const polite = await watch(page, "#polite");
  await uploadAndOpen(page, "retried.wav", tone(200_000));
  const states = await watch(page, "main ul.models > li:nth-child(4) .meta");
  const tones = await watch(page, "main ul.models > li:nth-child(4)", "data-tone");
  const headings = await watch(page, "main .panel h2");
  const pills = await watch(page, "main .head .pill");
  await it.servers.control("settings", { pace: FAST });
  await until(states, (said) => said.some((state) => state.startsWith("Attempt 2 failed")));
  await it.servers.control("settings", { pace: SLOW });

  await ended(page, "Analysis complete");
  assert.equal((await models(page))[3].name, "spectral-flatness");
  const said = await states();
  for (const told of ["Attempt 1 failed: ", "Attempt 2 failed: ", "Attempt 3 of 3"])
    assert.ok(
      said.some((state) => state.includes(told)),
      `${told} is not in ${said.join(" | ")}`,
    );
  assert.match(said.at(-1), /^Complete/);
  const failed = [...said, ...(await headings()), ...(await pills())].filter((text) => /Failed|^Analysis f/.test(text));
  assert.deepEqual(failed, []);
  assert.ok(!(await tones()).includes("bad"));
  const spoken = [...(await polite()), ...(await assertive())].filter((text) => /fail/i.test(text));
  assert.deepEqual(spoken, []);
});

test("a run in which a model fails for good ends as partly complete, though the server never says so", async (t) => {
  await it.servers.control("settings", { pace: FAST });
  await it.servers.control("fail", { backend: "analysis", model: "container-structure", times: 3 });
  const { page } = await it.enter(t);
  await uploadAndOpen(page, "partly.wav", tone(20_000));
  await ended(page, "Analysis partly complete");
  const failed = (await models(page)).find(({ name }) => name === "container-structure");
  assert.match(failed.state, /^Failed after 3 attempts: /);
  await page.getByRole("region", { name: "Result", exact: true }).getByText("1 model failed.").waitFor();
  // Nothing but the models' ends has told it: the server's own timer comes half a minute later.
  const [item] = await it.servers.media();
  assert.equal(item.status, "PROCESSING");
  await toList(page);
  await rowSays(page, "partly.wav", "Partly complete");
});

test("a run in which no model finishes is failed", async (t) => {
  await it.servers.control("settings", { pace: FAST });
  await it.servers.control("fail", { backend: "analysis", times: 12 });
  const { page } = await it.enter(t);
  await uploadAndOpen(page, "hopeless.wav", tone(20_000));
  await ended(page, "Analysis failed");
  await page.getByRole("region", { name: "Result", exact: true }).getByText("No model finished.").waitFor();
});

/** Never back, seen at several places, and at the end in the end. */
function grows(values, distinct) {
  for (const [at, value] of values.entries())
    assert.ok(at === 0 || value >= values[at - 1], `went back: ${values.join(" ")}`);
  assert.ok(new Set(values).size >= distinct, `too few steps: ${values.join(" ")}`);
  assert.equal(values.at(-1), 100);
}

const gone = (locator) =>
  until(
    () => locator.count(),
    (count) => count === 0,
  );
