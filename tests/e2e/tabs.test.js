// What reaches a person who is not looking: the tab's title and icon, a notification, a tone. And a result on paper.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join as path } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { tone } from "../backend/samples.js";
import { openHidable } from "./hidable.js";
import {
  alert,
  ended,
  joinMeeting,
  pill,
  rowSays,
  signIn,
  stage,
  startServers,
  toList,
  until,
  upload,
  uploadAndOpen,
  watch,
} from "./harness.js";

const PACKAGE = fileURLToPath(new URL("../../pkg", import.meta.url));
const SLOW = 100_000;

const it = stage("--pace", "0");

/** Notes what the page asks of the system; the system is asked all the same. */
const NOTE = () => {
  window.asked = [];
  window.tones = 0;
  window.notified = [];
  const { requestPermission } = Notification;
  Notification.requestPermission = (...args) => {
    window.asked.push(window.event?.type ?? "nothing");
    return requestPermission.apply(Notification, args);
  };
  window.Notification = class extends Notification {
    constructor(title, options) {
      super(title, options);
      window.notified.push(this);
    }
    close() {
      this.isClosed = true;
      super.close();
    }
  };
  const { start } = OscillatorNode.prototype;
  OscillatorNode.prototype.start = function (...args) {
    window.tones += 1;
    return start.apply(this, args);
  };
};

test("a hidden tab counts in its title and icon what ended and alerted, and tells it once on return", async (t) => {
  const { page, hide } = await enterHidable(t);
  const title = () => page.title();
  const icon = () => page.locator("link[rel=icon]").getAttribute("href");
  const [ownTitle, ownIcon] = [await title(), await icon()];
  await joinMeeting(page, "m");
  await toList(page);
  const show = await hide();
  const polite = await watch(page, "#polite");
  const assertive = await watch(page, "#assertive");
  for (const name of ["a.wav", "b.wav"]) await upload(page, name, tone(20_000));
  await until(title, (text) => text.startsWith("(2) "));
  await alert(it.servers, "m", "high", "face_swap");
  await until(title, (text) => text === "(3) Media · Telltale");
  assert.equal(await icon(), "icon-badge.svg");
  const loaded = await page.evaluate(async () => (await fetch("icon-badge.svg")).headers.get("content-type"));
  assert.match(loaded, /svg/);
  assert.deepEqual([...(await polite()), ...(await assertive())].filter(Boolean), [], "nobody listens to a hidden tab");

  await show();
  await until(title, (text) => text === ownTitle);
  await until(icon, (href) => href === ownIcon);
  await until(assertive, (said) => said.filter(Boolean).length === 1);
  await until(polite, (said) => said.filter(Boolean).length === 1);
  assert.match((await polite()).filter(Boolean)[0], /a\.wav.*b\.wav|updates/);
});

test("nobody is asked for notifications before they want one, and it comes only when the tab is hidden", async (t) => {
  const { page, hide } = await enterHidable(t);
  await upload(page, "seen.wav", tone(20_000));
  await rowSays(page, "seen.wav", "Complete");
  await page.getByRole("button", { name: "Settings" }).click();
  const choice = page.getByLabel("Notify me of ends and high alerts");
  assert.equal(await choice.isChecked(), false);
  assert.deepEqual(await page.evaluate(() => window.asked), []);
  await choice.click();
  await until(
    () => choice.isChecked(),
    (isChecked) => isChecked,
  );
  await page.keyboard.press("Escape");
  await upload(page, "also-seen.wav", tone(20_000));
  await rowSays(page, "also-seen.wav", "Complete");
  assert.equal(await notified(page), 0, "whoever looks is not notified");

  const show = await hide();
  await upload(page, "<b>unseen.wav", tone(20_000));
  await until(
    () => notified(page),
    (count) => count === 1,
  );
  const shown = await page.evaluate(() => {
    const [{ title, body, tag }] = window.notified;
    return { title, body, tag };
  });
  assert.equal(shown.title, "Analysis · Telltale");
  assert.match(shown.body, /^Analysis finished: <b>unseen\.wav\. /);
  assert.match(shown.tag, /^#\/media\/[^/]+\/[^/]+$/);
  await page.evaluate(() => window.notified[0].dispatchEvent(new Event("click", { cancelable: true })));
  await page.getByRole("heading", { level: 1, name: "<b>unseen.wav" }).waitFor({ state: "attached" });
  await show();
  await until(
    () => page.evaluate(() => window.notified[0].isClosed),
    (isClosed) => isClosed === true,
  );

  // The choice is kept; who they are is not.
  await page.reload();
  await page.getByLabel(/e-?mail/i).waitFor();
  const stored = await page.evaluate(() => ({ ...localStorage }));
  assert.deepEqual(stored, { "telltale.notify": "on" });
});

test("one analysis can be awaited, and a browser that says no is not asked again", async (t) => {
  const { page, context, hide } = await enterHidable(t);
  await it.servers.control("settings", { pace: SLOW });
  await uploadAndOpen(page, "awaited.wav", tone(200_000));
  const button = page.getByRole("button", { name: "Notify me when it ends" });
  await button.click();
  await until(
    () => button.getAttribute("aria-pressed"),
    (pressed) => pressed === "true",
  );
  await toList(page);
  const show = await hide();
  await it.servers.control("settings", { pace: 0 });
  await upload(page, "not-awaited.wav", tone(20_000));
  await until(
    () => notified(page),
    (count) => count > 0,
  );
  const bodies = await page.evaluate(() => window.notified.map(({ body }) => body));
  assert.deepEqual(bodies.length, 1, bodies.join(" | "));
  assert.match(bodies[0], /^Analysis finished: awaited\.wav\. /);
  await show();
  await rowSays(page, "not-awaited.wav", "Complete");
  await page.getByRole("link", { name: "awaited.wav", exact: true }).click();
  await ended(page, "Analysis complete");
  assert.equal(await button.isVisible(), false, "what has ended is not awaited");

  await context.clearPermissions();
  const session = await context.newCDPSession(page);
  const permission = { name: "notifications" };
  await session.send("Browser.setPermission", { permission, setting: "denied", origin: it.servers.page });
  await page.reload();
  await enter(page);
  await page.getByRole("button", { name: "Settings" }).click();
  await page.locator("#settings").getByText("Notifications are blocked in your browser settings.").waitFor();
  assert.equal(await page.getByLabel("Notify me of ends and high alerts").isDisabled(), true);
  assert.deepEqual(await page.evaluate(() => window.asked), []);
});

test("a high alert sounds once, a milder one and a muted page do not", async (t) => {
  const { page } = await it.open(t);
  await page.addInitScript(NOTE);
  await page.reload();
  await enter(page);
  await joinMeeting(page, "m");
  const tones = () => page.evaluate(() => window.tones);
  await alert(it.servers, "m", "medium", "a");
  await page.locator("li.alert").first().waitFor();
  assert.equal(await tones(), 0);
  for (let time = 0; time < 3; time += 1) await alert(it.servers, "m", "high", "b");
  await until(tones, (count) => count === 1);

  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByLabel("Sound for high alerts").uncheck();
  await page.keyboard.press("Escape");
  await alert(it.servers, "m", "critical", "c");
  await page.locator("li.alert").nth(2).waitFor();
  assert.equal(await tones(), 1);
  assert.equal(await page.evaluate(() => localStorage.getItem("telltale.sound")), "off");
});

test("of two open tabs one sounds", async (t) => {
  const { page, context } = await it.open(t);
  await context.addInitScript(NOTE);
  const listen = async (tab) => {
    await tab.goto(`${it.servers.page}/`);
    await enter(tab);
    await joinMeeting(tab, "m");
    return tab;
  };
  const tabs = [await listen(page), await listen(await context.newPage())];
  await alert(it.servers, "m", "high", "a");
  for (const tab of tabs) await tab.locator("li.alert").first().waitFor();
  // Whoever has it now comes after all that was asked for before.
  await page.evaluate(() => navigator.locks.request("telltale.tone", () => {}));
  const tones = await Promise.all(tabs.map((tab) => tab.evaluate(() => window.tones)));
  assert.equal(tones[0] + tones[1], 1, String(tones));
});

test("a widget leaves the title, the icon, the sound and the notifications of its page alone", async (t) => {
  const servers = await startServers("--dist", PACKAGE);
  t.after(() => servers.stop());
  const permissions = ["notifications"];
  const { page, hide } = await openHidable(t, `${servers.page}/demo.html`, { permissions, script: NOTE });
  await page.evaluate(async () => {
    const { mount } = await import("./index.js");
    const server = { kind: "meeting", url: "/meeting", path: "/meeting/socket.io/" };
    localStorage.setItem("telltale.notify", "on");
    await mount(document.getElementById("first"), { server, meetingId: "m" });
  });
  const head = () => page.evaluate(() => document.head.innerHTML);
  const before = await head();
  await page
    .locator("#first")
    .getByText(/No alerts so far/)
    .click();
  await hide();
  await alert(servers, "m", "critical", "face_swap", "Look");
  await page.locator("#first").getByText("Look").first().waitFor({ state: "attached" });
  assert.equal(await head(), before);
  const told = await page.evaluate(() => [window.tones, window.notified.length, window.asked.length]);
  assert.deepEqual(told, [0, 0, 0]);
});

test("a result is printed with its verdict, its models and its times, and with nothing to press", async (t) => {
  const { page } = await it.enter(t);
  await uploadAndOpen(page, "paper.wav", tone(20_000));
  await ended(page, "Analysis complete");
  await page.getByRole("button", { name: "Print" }).waitFor();
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  const year = String(new Date().getFullYear());
  for (const words of ["paper.wav", "Likely real", "received", / · id .+ · printed .*/, year])
    assert.ok(await page.getByText(words).first().isVisible(), words);
  assert.equal(await page.locator("main ul.models > li:visible").count(), 4);
  for (const selector of ["header", "button", "nav", ".dock", ".toast", "input"])
    assert.equal(await page.locator(`${selector}:visible`).count(), 0, selector);
  const [ground, ink] = await page.evaluate(() => {
    const { backgroundColor, color } = getComputedStyle(document.body);
    return [backgroundColor, color];
  });
  assert.deepEqual([ground, ink], ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]);
  const out = process.env.TELLTALE_SHOTS;
  if (out) {
    mkdirSync(out, { recursive: true });
    await page.setViewportSize({ width: 794, height: 1123 });
    await page.screenshot({ path: path(out, "print.png") });
  }
});

test("each page says on paper of which server it is and when it was printed, and names there stand whole", async (t) => {
  const { page } = await it.enter(t, { width: 794 });
  const names = ["one", "two"].map((part) => `a-statement-recorded-on-the-day-after-in-the-town-hall-part-${part}.wav`);
  for (const name of names) {
    await upload(page, name, tone(20_000));
    await rowSays(page, name, "Complete");
  }
  await page.emulateMedia({ media: "print" });
  const printed = page.locator("p.paper");
  assert.match(await printed.textContent(), /^Analysis, .+ · printed .*\d{4}, /);
  const isCut = (element) =>
    element.scrollWidth > element.clientWidth || getComputedStyle(element).overflow === "hidden";
  for (const name of names) {
    const link = page.getByRole("link", { name });
    assert.ok(await link.isVisible());
    assert.equal(await link.evaluate(isCut), false, name);
  }
  const rows = await page
    .locator("ul.media > li")
    .evaluateAll((rows) => rows.map((row) => row.getBoundingClientRect()));
  assert.ok(rows[1].top >= rows[0].bottom, "no row covers another");

  await page.emulateMedia({ media: "screen" });
  await joinMeeting(page, "on-paper");
  await page.emulateMedia({ media: "print" });
  assert.match(await printed.textContent(), /^Meetings · id .*on-paper.* · printed .*\d{4}, /);
});

test("what is printed while it is held says so", async (t) => {
  const { page } = await it.enter(t);
  await page.getByRole("button", { name: "Pause updates" }).click();
  await page.emulateMedia({ media: "print" });
  assert.ok(await page.getByText(/^Updates paused\./).isVisible());
  assert.equal(await page.locator("button:visible").count(), 0);
});

const notified = (page) => page.evaluate(() => window.notified.length);

/** A page that can be hidden, signed in, that may notify and is noted in what it asks of the system. */
async function enterHidable(t) {
  const permissions = ["notifications"];
  const opened = await openHidable(t, `${it.servers.page}/`, { permissions, script: NOTE });
  await enter(opened.page);
  return opened;
}

async function enter(page) {
  await signIn(page);
  await pill(page, "Live");
}
