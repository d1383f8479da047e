// A meeting, played by the scenario: people, their trust, alerts, and going away.
import assert from "node:assert/strict";
import { test } from "node:test";
import { stage, until } from "./harness.js";

// Three minutes of meeting in six seconds.
const it = stage("--scenario-speed", "30");

/** The bands that the page names, from the lowest trust of each. */
const BANDS = [
  [80, "Trusted"],
  [50, "Caution"],
  [0, "At risk"],
];

test("a meeting is joined, its people are measured, an alert is acknowledged and taken back, and it is left", async (t) => {
  const { page } = await it.enter(t);
  await page.getByRole("link", { name: "Meetings" }).click();
  await page.getByLabel("Meeting id").fill("standup");
  await page.getByRole("button", { name: "Join", exact: true }).click();
  await page.getByRole("heading", { name: "Meeting standup" }).waitFor();
  await page.getByText("No one has joined yet.").waitFor();
  await page.getByText(/No alerts so far\. Checking for /).waitFor();
  assert.equal(await page.getByRole("meter").count(), 0, "nobody is measured before there is a score");

  await page.getByRole("button", { name: "Start the simulation" }).click();
  await page.getByText("Simulated data. Do not use these scores.").waitFor();
  const alerts = page.getByRole("list", { name: "Alerts, newest first" }).getByRole("listitem");
  const seen = new Set();
  await until(async () => {
    for (const meter of await meters(page)) {
      const [, word] = BANDS.find(([least]) => meter.now >= least);
      assert.ok(Number.isInteger(meter.now) && meter.now <= 100, JSON.stringify(meter));
      assert.equal(meter.text.replace(/, last known$/, ""), `Trust ${meter.now} of 100, ${word}`);
      assert.ok(meter.row.includes(word), JSON.stringify(meter));
      seen.add(`${meter.name}: ${word}`);
    }
    return alerts.filter({ hasText: "High" }).count();
  });
  assert.ok(seen.has("Amara Osei: Trusted") && seen.has("Jonas Weber: Caution"), [...seen].join(", "));

  const high = alerts.filter({ hasText: "Possible voice cloning detected" });
  await high.getByText("This is a warning, not proof.").waitFor();
  await high.getByRole("button", { name: /^Acknowledge: / }).press("Enter");
  await high.getByText("Acknowledged by you").waitFor();
  await focusIsOn(page, /^Undo acknowledging: /);
  await page.keyboard.press("Enter");
  await high.getByRole("button", { name: /^Acknowledge: / }).waitFor();
  await focusIsOn(page, /^Acknowledge: /);

  await page.getByRole("button", { name: "Leave" }).click();
  await page.getByRole("heading", { name: "Meetings", exact: true }).waitFor();
  await page.getByText("You have joined no meeting on this page.").waitFor();
});

test("acknowledging an alert on its card hands the focus on", async (t) => {
  const { page } = await it.enter(t);
  await page.getByRole("link", { name: "Meetings" }).click();
  await page.getByRole("button", { name: "Start a simulated meeting" }).click();
  const card = page.locator(".toast").filter({ hasText: "Possible voice cloning detected" });
  await card.getByRole("button", { name: "Acknowledge", exact: true }).press("Enter");
  await until(
    () => card.count(),
    (count) => count === 0,
  );
  const holder = await page.evaluate(() => document.activeElement.closest(".toast, main")?.className ?? "none");
  assert.notEqual(holder, "none", "the focus fell to the body");
});

/** Waits until the focus is on something of this name. */
const focusIsOn = (page, name) =>
  until(
    () => page.evaluate(() => document.activeElement.getAttribute("aria-label") ?? document.activeElement.tagName),
    (found) => name.test(found),
  );

const meters = (page) =>
  page.getByRole("meter").evaluateAll((meters) =>
    meters.map((meter) => ({
      name: meter.getAttribute("aria-label"),
      now: Number(meter.getAttribute("aria-valuenow")),
      text: meter.getAttribute("aria-valuetext"),
      row: meter.closest("li").textContent,
    })),
  );
