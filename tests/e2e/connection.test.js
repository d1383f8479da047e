// What the page says when the connection goes, and that it comes back to the server's truth.
import assert from "node:assert/strict";
import { test } from "node:test";
import { tone } from "../backend/samples.js";
import { ended, models, pill, rowSays, signIn, stage, toList, until, upload, uploadAndOpen, watch } from "./harness.js";

const it = stage("--pace", "0");

for (const [what, after] of [
  ["so many seconds", () => "40"],
  ["a date", () => new Date(Date.now() + 40_500).toUTCString()],
]) {
  test(`a server that wants to be left alone for ${what} is, and the page counts down to it`, async (t) => {
    const { page } = await it.open(t);
    let asked = 0;
    await page.route("**/analysis/api/v1/media", (route) => {
      asked += 1;
      return route.fulfill({
        status: 429,
        headers: { "Retry-After": after() },
        json: { message: "Too many requests" },
      });
    });
    await signIn(page);
    const banner = page.getByRole("region", { name: "Connection status" });
    await banner.getByText(/^Retrying in (35|40) s$/).waitFor();
    assert.equal(await banner.getByRole("button", { name: "Retry now" }).isVisible(), false, "nobody can hurry it");
    await banner.getByText("Retrying in 30 s").waitFor();
    assert.equal(asked, 1);
  });
}

test("a stopped server is told, and after its restart the page equals its state", async (t) => {
  const { page } = await it.enter(t);
  await upload(page, "first.wav", tone(20_000));
  await rowSays(page, "first.wav", "Complete");
  await it.servers.control("settings", { pace: 400_000 });
  await uploadAndOpen(page, "second.wav", tone(200_000));
  await it.servers.control("listener", { action: "stop" });
  await pill(page, "Reconnecting");
  const banner = page.getByRole("region", { name: "Connection status" });
  await banner.getByText(/Connection .*lost\. Progress may be out of date\./).waitFor();
  await banner.getByRole("button", { name: "Retry now" }).waitFor();
  assert.equal(await page.locator(".panel[data-stale]").count(), 1, "running bars are marked as old");
  assert.ok(
    (await models(page)).every(({ state }) => !state.includes("left")),
    "no estimate without a connection",
  );

  // The analysis goes on without us, to its end.
  await it.servers.control("settings", { pace: 0 });
  const analysed = ({ analysis }) => analysis.media.every(({ status }) => status === "ANALYZED");
  await until(() => it.servers.control("state"), analysed);
  assert.equal(await page.getByRole("heading", { name: "Analysis complete" }).count(), 0);
  await it.servers.control("listener", { action: "start" });
  await banner.getByRole("button", { name: "Retry now" }).click();
  await pill(page, "Live");
  await until(
    () => banner.isVisible(),
    (visible) => !visible,
  );

  await ended(page, "Analysis complete");
  const media = await it.servers.media();
  const [run] = media.find(({ filename }) => filename === "second.wav").analysisRuns;
  const shown = await models(page);
  assert.deepEqual(
    shown.map(({ name, state }) => [name, /(Real|Fake) \d+%$/.exec(state)?.[0]]),
    run.analyses.map(({ modelName, prediction, confidence }) => [
      modelName,
      `${prediction === "FAKE" ? "Fake" : "Real"} ${Math.floor(confidence * 100 + 1e-9)}%`,
    ]),
  );
  await toList(page);
  const rows = await page
    .locator("ul.media > li")
    .evaluateAll((rows) =>
      rows.map((row) => [row.querySelector("a").textContent, row.querySelector(".state").textContent.trim()]),
    );
  assert.deepEqual(
    rows,
    media.map(({ filename }) => [filename, "Complete"]),
  );
});

for (const [how, what] of [
  ["tcp", "a connection that breaks"],
  ["server", "a connection that the server ends"],
]) {
  test(`${what} is not called live, and heals without a hand`, async (t) => {
    const { page } = await it.enter(t);
    const pills = await watch(page, "#conn");
    await it.servers.control("disconnect", { backend: "analysis", how });
    await until(pills, (said) => said.length > 1);
    await until(
      async () => (await counters(page)).Reconnects,
      (count) => count === 1,
    );
    await pill(page, "Live");
  });
}

test("frames of garbage change nothing but a counter", async (t) => {
  const { page } = await it.enter(t);
  await upload(page, "unmoved.wav", tone(20_000));
  await rowSays(page, "unmoved.wav", "Complete");
  await page.locator(".toast").getByRole("button", { name: "Hide: unmoved.wav" }).click();
  // What can be seen: what is printed has the time of day.
  const before = await page.locator("main").innerText();
  const counted = await counters(page);

  // No event at all, an event of nobody's name, one that should name a medium, and one that is no JSON.
  const frames = ['42["\\u0000",{}]', '42["progress_update",{"mediaId":[[[]]]}]', '42["progress_update"]'];
  for (const frame of frames) await it.servers.control("frame", { backend: "analysis", frame });
  await until(
    () => counters(page),
    (now) =>
      now["Malformed events"] + now["Unknown events"] === counted["Malformed events"] + counted["Unknown events"] + 3,
  );
  await pill(page, "Live");
  assert.equal(await page.locator("main").innerText(), before);

  for (const frame of ["42{bad", "\u0000\uFFFF"]) {
    const errors = (await counters(page))["Protocol errors"];
    await it.servers.control("frame", { backend: "analysis", frame });
    await until(
      () => counters(page),
      (now) => now["Protocol errors"] === errors + 1,
    );
    await pill(page, "Live");
    const state = ({ analysis }) => analysis.sockets === 1;
    await until(() => it.servers.control("state"), state);
  }
  assert.equal(await page.locator("main").innerText(), before);
  assert.equal(await page.locator(".toast").count(), 0);
});

/** The counters of the first server's connection details, which is `analysis`. */
async function counters(page) {
  return page
    .locator(".servers li")
    .first()
    .locator("dl.counters > div")
    .evaluateAll((pairs) =>
      Object.fromEntries(
        pairs.map((pair) => [pair.querySelector("dt").textContent, Number(pair.querySelector("dd").textContent)]),
      ),
    );
}
