// A meeting, played by the scenario: people, their trust, alerts, and going away.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { alert, holdFrames, joinMeeting, openPage, signIn, stage, startServers, until } from "./harness.js";

const PACKAGE = fileURLToPath(new URL("../../pkg", import.meta.url));

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

  await page.getByRole("button", { name: "Start the simulation" }).press("Enter");
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
  await focusIsOn(page, /^H1$/);
  assert.ok(seen.has("Amara Osei: Trusted") && seen.has("Jonas Weber: Caution"), [...seen].join(", "));

  const high = alerts.filter({ hasText: "Possible voice cloning detected" });
  await high.getByText("This is a warning, not proof.").waitFor();
  await high.getByRole("button", { name: /^Acknowledge: / }).press("Enter");
  await high.getByText("Acknowledged by you").waitFor();
  await focusIsOn(page, /^Undo acknowledging: /);
  await page.keyboard.press("Enter");
  await high.getByRole("button", { name: /^Acknowledge: / }).waitFor();
  await focusIsOn(page, /^Acknowledge: /);

  await page.getByRole("button", { name: "Leave" }).press("Enter");
  await page.locator("main .pill", { hasText: /^You left / }).waitFor();
  const joinAgain = page.getByRole("button", { name: "Join again" });
  assert.ok(await joinAgain.evaluate((button) => button === document.activeElement), "the focus stays");
  await page.locator("li.gap", { hasText: "may be missing" }).waitFor();
  await page.getByRole("navigation", { name: "Path" }).getByRole("link", { name: "Meetings" }).click();
  await page.getByText("You have joined no meeting on this page.").waitFor();
});

test("in a window of few lines one card is shown, with how many there are, and the rest stays in sight", async (t) => {
  const { page } = await it.enter(t, { width: 844, height: 390 });
  await joinMeeting(page, "on-its-side");
  for (const type of ["face_swap", "voice_cloning", "lip_sync"]) {
    await alert(it.servers, "on-its-side", "critical", type);
  }
  await page.getByText("2 more", { exact: true }).waitFor();
  assert.equal(await page.locator(".toast:visible").count(), 1);
  const { y } = await page.locator(".dock").boundingBox();
  assert.ok(y >= 390 * 0.4, `the cards begin at ${y}`);
});

test("what cannot be a meeting's id is said to be none, and to be checked", async (t) => {
  const { page } = await it.enter(t);
  await page.getByRole("link", { name: "Meetings" }).click();
  const id = page.getByLabel("Meeting id");
  const fault = page.getByRole("alert").filter({ hasText: "This cannot be a meeting's id" });
  // As many characters as the field takes, and more bytes than an id may have.
  for (const wrong of ["   ", "ä".repeat(128)]) {
    await id.fill(wrong);
    await page.getByRole("button", { name: "Join", exact: true }).click();
    await fault.waitFor();
    assert.equal(await id.getAttribute("aria-invalid"), "true");
    await id.fill("standup");
    await fault.waitFor({ state: "detached" });
  }
  await page.getByRole("button", { name: "Join", exact: true }).click();
  await page.getByRole("heading", { name: "Meeting standup" }).waitFor();
});

test("a meeting that was left by mistake is joined again, and nothing of it is lost", async (t) => {
  const { page } = await it.enter(t);
  await joinMeeting(page, "left");
  await alert(it.servers, "left", "high", "face_swap", "earlier");
  const alerts = page.locator("li.alert");
  await alerts.filter({ hasText: "earlier" }).waitFor();
  await page.getByRole("button", { name: "Leave" }).click();
  await page.getByRole("button", { name: "Join again" }).waitFor();
  await alert(it.servers, "left", "high", "lip_sync", "meanwhile");

  // By the list of those that were left, whose pages join none; then by the form.
  await page.getByRole("navigation", { name: "Path" }).getByRole("link", { name: "Meetings" }).click();
  await page.getByText("You have joined no meeting on this page.").waitFor();
  await page.getByRole("link", { name: /\bleft$/ }).click();
  await page.locator("main .pill", { hasText: /^You left / }).waitFor();
  await alerts.filter({ hasText: "earlier" }).waitFor();
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Meetings" }).click();
  await page.getByLabel("Meeting id").fill("left");
  await page.getByRole("button", { name: "Join", exact: true }).click();
  await page.locator("main .pill", { hasText: /^Watching / }).waitFor();
  await alert(it.servers, "left", "high", "voice_clone", "later");
  await alerts.filter({ hasText: "later" }).waitFor();
  assert.equal(await page.locator("li.gap").count(), 1, "what was missed is a gap");
  assert.equal(await alerts.filter({ hasText: "earlier" }).count(), 1);
  assert.equal(await alerts.filter({ hasText: "meanwhile" }).count(), 0, "whoever has left hears nothing");
});

test("a page that is loaded again leaves nobody behind in its meeting", async (t) => {
  const { page } = await it.enter(t);
  await joinMeeting(page, "reloaded");
  await page.reload();
  await signIn(page);
  await joinMeeting(page, "reloaded");
  await page.getByText("No one has joined yet.").waitFor();
});

test("of more meetings than can be open none is said to be joined that is not", async (t) => {
  const { page } = await it.enter(t);
  const MOST = 10;
  for (let n = 0; n < MOST; n++) await joinMeeting(page, `m${n}`);
  const meetings = page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Meetings" });
  await meetings.click();
  await page.getByLabel("Meeting id").fill("too-many");
  await page.getByRole("button", { name: "Join", exact: true }).click();
  await page.locator("main .pill", { hasText: "Not joined" }).waitFor();
  await page.locator(".toast", { hasText: "10 meetings are open. Leave one first" }).waitFor();

  await meetings.click();
  const joined = page.locator("main ul.joined").getByRole("link");
  await joined.first().waitFor();
  assert.deepEqual(
    await joined.allInnerTexts(),
    Array.from({ length: MOST }, (_, n) => `m${n}`),
  );
});

test("whoever goes from one meeting to another is at its heading, not on the same button of it", async (t) => {
  const { page } = await it.enter(t);
  await joinMeeting(page, "first");
  await page.evaluate(() => (location.hash = "#/meeting/Meetings/second"));
  await page.getByRole("heading", { name: "Meeting second" }).waitFor();
  await page.getByRole("button", { name: "Mute alert sound" }).focus();
  await page.goBack();
  await page.getByRole("heading", { name: "Meeting first" }).waitFor();
  await until(
    () => page.evaluate(() => document.activeElement.textContent),
    (name) => name === "Meeting first",
  );
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

test("alerts are listed from a severity on that the address keeps, and those left out are counted", async (t) => {
  const { page } = await it.enter(t);
  await joinMeeting(page, "filtered");
  const alerts = page.getByRole("list", { name: "Alerts, newest first" }).getByRole("listitem");
  const count = (wanted) =>
    until(
      () => alerts.count(),
      (found) => found === wanted,
    );
  const warn = (severity, type) => alert(it.servers, "filtered", severity, type);
  const least = page.getByRole("combobox", { name: "Severity" });
  await warn("low", "one");
  await count(1);
  assert.ok(!(await least.isVisible()), "one alert is nothing to choose from");
  await warn("high", "two");
  await warn("odd", "three");
  await count(3);

  await least.selectOption("High and above");
  await count(2);
  await page.getByText("1 milder alert is not shown.").waitFor();
  assert.match(page.url(), /#\/meeting\/[^/]+\/filtered\?severity=high$/);
  assert.match((await alerts.allTextContents()).join(), /Odd.*High/i, "nobody knows how severe an odd one is");
  await warn("medium", "four");
  await page.getByText("2 milder alerts are not shown.").waitFor();
  assert.equal(await alerts.count(), 2);

  await page.getByRole("link", { name: "Meetings" }).first().click();
  await page.goBack();
  await page.getByText("2 milder alerts are not shown.").waitFor();
  await least.selectOption("Any");
  await count(4);
  assert.match(page.url(), /#\/meeting\/[^/]+\/filtered$/);
});

test("alerts that stand together are listed one by one when asked, and more of them leave the list open", async (t) => {
  const { page } = await it.enter(t);
  await joinMeeting(page, "together");
  const warn = (severity, message, type = "face_swap") => alert(it.servers, "together", severity, type, message);
  const group = page.locator(".alerts > li").filter({ hasText: /edge|mouth|skin/ });
  const events = group.getByRole("list").getByRole("listitem");
  await warn("medium", "The edge flickers");
  await group.getByText("Seen once").waitFor();
  assert.equal(await group.getByRole("button", { name: /event/ }).count(), 0, "the card itself tells of one");

  await warn("high", "The mouth is late");
  await group.getByRole("button", { name: "Show 2 events: The mouth is late" }).press("Enter");
  assert.match(
    (await events.allTextContents()).join("\n"),
    /Severity rose.*The mouth is late.*90%\n.*Medium alert.*The edge/,
  );
  await warn("low", "Of another kind", "voice_clone");
  await warn("low", "The skin is smooth");
  await until(
    () => events.count(),
    (count) => count === 3,
  );
  await focusIsOn(page, /^Hide events: /);
  assert.match(await events.first().innerText(), /Low alert: The skin is smooth/);

  await page.keyboard.press("Enter");
  await group.getByRole("button", { name: /^Show 3 events: / }).waitFor();
  assert.equal(await events.count(), 0);
});

test("what happened on another day is told with its day, also on a page that stays open", async (t) => {
  const { page } = await it.enter(t, { clock: true });
  await joinMeeting(page, "night");
  const warn = (type, timestamp) => emit(it.servers, "deepfake-alert", { meetingId: "night", type, timestamp });
  await warn("old", "2019-03-05T12:00:00Z");
  await warn("face_swap", new Date().toISOString());
  const alerts = page.getByRole("list", { name: "Alerts, newest first" }).getByRole("listitem");
  const told = page.getByRole("list", { name: "Activity, newest first" }).getByRole("listitem");
  const time = (rows, words) => rows.filter({ hasText: words }).locator(".meta").first();
  for (const rows of [alerts, told]) {
    assert.match(await time(rows, "Old").textContent(), /2019/);
    assert.doesNotMatch(await time(rows, /face.swap/i).textContent(), /20\d\d/);
  }

  await page.clock.setSystemTime(Date.now() + 24 * 60 * 60 * 1000);
  for (const rows of [alerts, told])
    await until(
      () => time(rows, /face.swap/i).textContent(),
      (text) => text.includes(String(new Date().getFullYear())),
    );
});

test("no alert moves away under a pointer or the focus, and the newest are first again once both have left", async (t) => {
  const { page } = await it.enter(t, { clock: true });
  await joinMeeting(page, "steady");
  const warn = (type, message) => alert(it.servers, "steady", "low", type, message);
  const alerts = page.getByRole("list", { name: "Alerts, newest first" });
  const order = async (wanted) => {
    const names = () => alerts.locator("strong").allTextContents();
    await until(names, (found) => found.join() === wanted);
  };
  await warn("one");
  await order("one");
  await warn("two");
  await order("two,one");

  await alerts.getByText("one", { exact: true }).hover();
  await warn("one", "one again");
  await order("two,one again");
  await warn("three");
  await order("two,one again,three");
  // By a key: whoever clicks has the focus, too, but goes on with the pointer.
  await page.getByRole("button", { name: "Acknowledge: two" }).focus();
  await page.keyboard.press("Tab");
  await page.getByRole("heading", { name: "Meeting steady" }).hover();
  await warn("one", "one more time");
  await order("two,one more time,three");
  await focusIsOn(page, /^Acknowledge: one more time/);
  await page.getByRole("button", { name: "Leave" }).focus();
  await order("one more time,three,two");

  // A focus that was left there: what is new is where it belongs, and nothing else moves.
  await page.getByRole("button", { name: "Acknowledge: three" }).focus();
  await page.keyboard.press("Tab");
  await page.clock.fastForward(31_000);
  // A second in which nothing happens, for the page's own clock.
  await page.clock.runFor(1_000);
  await warn("four");
  await warn("two", "two again");
  await order("four,one more time,three,two again");
  await focusIsOn(page, /^Acknowledge: two again/);

  // What came while a hand was at work waits no longer than that.
  await page.keyboard.press("Shift");
  await warn("five");
  await order("four,one more time,three,two again,five");
  await page.clock.fastForward(31_000);
  await page.clock.runFor(1_000);
  await order("five,four,one more time,three,two again");
  await focusIsOn(page, /^Acknowledge: two again/);

  // Whoever clicked goes on with the pointer; a row that is moved then takes its focus along.
  await page.getByRole("button", { name: "Acknowledge: three" }).click();
  await focusIsOn(page, /^Undo acknowledging: three/);
  await page.getByRole("heading", { name: "Meeting steady" }).hover();
  await warn("six");
  await until(
    () => alerts.locator("strong").first().textContent(),
    (name) => name === "six",
  );
  await page.clock.runFor(100);
  await focusIsOn(page, /^Undo acknowledging: three/);
});

test("a row that is moved in the frame in which the page looks for a lost focus keeps it", async (t) => {
  const { page } = await it.enter(t, { clock: true });
  await joinMeeting(page, "moved");
  const rows = page.getByRole("list", { name: "Alerts, newest first" }).locator("strong");
  const alerted = async (type, message, order) => {
    await alert(it.servers, "moved", "low", type, message);
    await until(async () => (await rows.allTextContents()).join() === order);
  };
  await alerted("one", "one", "one");
  await alerted("two", "two", "two,one");
  await page.getByRole("button", { name: "Acknowledge: two" }).click();
  await focusIsOn(page, /^Undo acknowledging: two/);
  await alerted("one", "one again", "two,one again");

  const release = await holdFrames(page);
  await page.getByRole("heading", { name: "Meeting moved" }).hover();
  // The page looks once a second.
  await page.clock.runFor(1_100);
  await release();
  await until(async () => (await rows.allTextContents()).join() === "one again,two");
  await page.clock.runFor(100);
  await focusIsOn(page, /^Undo acknowledging: two/);
});

test("an alert that tells nothing says that it is one, and that there is no more", async (t) => {
  const { page } = await it.enter(t);
  await joinMeeting(page, "bare");
  await emit(it.servers, "deepfake-alert", { meetingId: "bare" });
  const row = page.getByRole("list", { name: "Alerts, newest first" }).getByRole("listitem");
  await row.getByText("No description").waitFor();
  assert.equal(await row.getByText("Alert", { exact: true }).count(), 1);
});

test("what somebody has opened in one alert of a group stays open when another comes", async (t) => {
  const { page } = await it.enter(t);
  await joinMeeting(page, "longer");
  const warn = (message) => alert(it.servers, "longer", "medium", "face_swap", message);
  await warn("The picture flickers.\nSeen at the left edge.");
  await warn("The mouth is late");
  const group = page.locator(".alerts > li");
  await group.getByRole("button", { name: /^Show 2 events: / }).click();
  const events = group.getByRole("list");
  await events.getByText("Show details").click();
  const rest = events.getByText("Seen at the left edge.");
  await rest.waitFor();
  await warn("The skin is smooth");
  await events.getByText("The skin is smooth").waitFor();
  assert.ok(await rest.isVisible());
});

test("what somebody has opened in what happened stays open when more happens", async (t) => {
  const { page } = await it.enter(t);
  await joinMeeting(page, "long");
  const told = page.getByRole("list", { name: "Activity, newest first" });
  await alert(it.servers, "long", "low", "first", "The picture flickers.\nSeen at the left edge.");
  await told.getByText("Show details").click();
  const rest = told.getByText("Seen at the left edge.");
  await rest.waitFor();
  await alert(it.servers, "long", "low", "second", "The mouth is late");
  await told.getByText("The mouth is late").waitFor();
  assert.ok(await rest.isVisible());
  assert.match((await told.getByRole("listitem").allTextContents()).join(), /mouth.*flickers/);
});

test("alerts are muted where they come in, as in the settings", async (t) => {
  const { page } = await it.enter(t);
  await joinMeeting(page, "muted");
  const mute = page.getByRole("button", { name: "Mute alert sound" });
  assert.equal(await mute.getAttribute("aria-pressed"), "false");
  assert.ok(!(await page.getByText(/^Sound is blocked/).isVisible()), "whoever has signed in has pressed a key");

  await mute.click();
  await page.getByRole("button", { name: "Settings" }).click();
  assert.ok(!(await page.getByLabel("Sound for high alerts").isChecked()));
  await page.getByLabel("Sound for high alerts").check();
  await page.keyboard.press("Escape");
  assert.equal(await mute.getAttribute("aria-pressed"), "false");
});

test("what happened in a meeting is exported with its times, and computes nothing in a spreadsheet", async (t) => {
  const { page } = await it.enter(t);
  await joinMeeting(page, "stand up");
  const said = { participantId: "=1+1", severity: "high", type: "face_swap", message: '=HYPERLINK("//x","y")' };
  const timestamp = "2026-02-20T10:30:12.345Z";
  await emit(it.servers, "deepfake-alert", { ...said, confidence: 0.9, meetingId: "stand up", timestamp });
  await emit(it.servers, "analytics-update", {
    meetingId: "stand up",
    analytics: { totalParticipants: 3, cpuUsage: 41.5, memoryUsage: 60, processedFrames: 1250 },
    timestamp,
  });
  for (let second = 0; second < 3; second += 1)
    await emit(it.servers, "video-frame", {
      meetingId: "stand up",
      timestamp: `2026-02-20T10:30:1${second}.000Z`,
      frame: { base64: "/9j/4AAQ" },
    });
  const health = page.getByRole("region", { name: "System health" });
  await health.getByText("41%").waitFor();
  await health.getByText("1,250").waitFor();
  await health.getByText(/^Video frames: /).waitFor();
  await page
    .getByRole("button", { name: /^Acknowledge: / })
    .last()
    .click();
  const activity = page.getByRole("region", { name: "Activity" });
  await activity.getByText("Acknowledged by you: Face swap").waitFor();

  const [csvName, csv] = await exported(page, activity, "Export CSV");
  assert.match(csvName, /^meeting-stand-up-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.csv$/);
  const [head, alert, acknowledged, end] = csv.split("\r\n");
  assert.match(head, /^\uFEFF"time","clock","heard","event",/);
  assert.ok(alert.startsWith(`"${timestamp}","server","`), alert);
  assert.ok(alert.includes(`,"'=1+1",`) && alert.includes(`,"'=HYPERLINK(""//x"",""y"")",`), alert);
  assert.match(acknowledged, /^"[^"]+","device","[^"]+","acknowledged",/);
  assert.equal(end, "");

  const [jsonName, json] = await exported(page, activity, "Export JSON");
  assert.match(jsonName, /^meeting-stand-up-.*Z\.json$/);
  const { entries, ...about } = JSON.parse(json);
  assert.deepEqual([about.meetingId, about.dropped, about.simulated], ["stand up", 0, false]);
  assert.deepEqual([entries[0].event, entries[0].message], ["alert", said.message]);
  // This device's clock is right: what it says of the alert's arrival is of the last minute.
  const age = Date.now() - Date.parse(entries[0].heard);
  assert.ok(age >= 0 && age < 60_000, entries[0].heard);
});

test("a widget tells its page of each alert once, by callback and by event, and hands over pictures", async (t) => {
  const servers = await startServers("--dist", PACKAGE);
  t.after(() => servers.stop());
  const { page, context, faults } = await openPage(it.browser, `${servers.page}/demo.html`);
  t.after(() => context.close());
  await page.evaluate(async () => {
    const { mount } = await import("./index.js");
    await import("./element.js");
    const server = { kind: "meeting", url: "/meeting", path: "/meeting/socket.io/" };
    globalThis.told = { callback: [], event: [], all: [], frames: [], watch: [], watched: [] };
    document.addEventListener("telltale-watch", ({ detail, target }) => {
      if (target.closest("#second")) globalThis.told.watched.push(detail.watched);
    });
    document.addEventListener("telltale-alert", ({ detail, target }) => {
      const { told } = globalThis;
      if (target.closest("#first")) told.event.push(detail);
      else told.all.push(detail.severity);
    });
    globalThis.panel = await mount(document.getElementById("first"), {
      server,
      meetingId: "m",
      onAlert: (alert) => globalThis.told.callback.push(alert),
      onVideoFrame: ({ frame, ...about }) => globalThis.told.frames.push([about.participantId, ...frame]),
      onWatch: ({ meetingId, watched }) => globalThis.told.watch.push([meetingId, watched]),
    });
    const element = document.createElement("telltale-meeting");
    const attributes = { "server-kind": "meeting", "server-url": "/meeting", "server-path": "/meeting/socket.io/" };
    for (const [name, value] of Object.entries({ ...attributes, "meeting-id": "m", "alert-level": "low" }))
      element.setAttribute(name, value);
    document.getElementById("second").append(element);
  });
  const state = () => servers.control("state");
  await until(async () => (await state()).meeting.meetings.m?.length === 2);

  const alert = { meetingId: "m", participantId: "p1", type: "voice_clone", timestamp: "2026-02-20T10:30:00.000Z" };
  for (const severity of ["low", "medium", "high", "high", "high"])
    await emit(servers, "deepfake-alert", { ...alert, severity, message: "Listen", confidence: 0.9 });
  const frame = { base64: Buffer.from([1, 2, 3]).toString("base64") };
  await emit(servers, "video-frame", { meetingId: "m", participantId: "p1", frame });
  const told = await until(
    () => page.evaluate(() => globalThis.told),
    ({ frames, all }) => frames.length > 0 && all.length === 3,
  );
  const expected = {
    meetingId: "m",
    participantId: "p1",
    participantName: null,
    severity: "high",
    worstSeverity: "high",
    reason: "raised",
    raisedFrom: "medium",
    type: "voice_clone",
    message: "Listen",
    advice: null,
    confidence: 0.9,
    count: 3,
    time: alert.timestamp,
    simulated: false,
  };
  assert.deepEqual(told.callback, [expected]);
  assert.deepEqual(told.event, [expected]);
  assert.deepEqual(told.all, ["low", "medium", "high"]);
  assert.deepEqual(told.frames, [["p1", 1, 2, 3]]);
  await page.locator("#first").getByText("Listen").first().waitFor();

  // After a reconnect the server may say it all again: nothing of it is news. Another type is.
  await servers.control("disconnect", { backend: "meeting", how: "tcp" });
  await until(async () => (await state()).meeting.connections === 2);
  const { watch, watched } = await until(
    () => page.evaluate(() => globalThis.told),
    ({ watch, watched }) => watch.length === 3 && watched.length === 3,
  );
  assert.deepEqual(
    watch,
    [true, false, true].map((is) => ["m", is]),
  );
  assert.deepEqual(watched, [true, false, true]);
  const gaps = page.locator("#first .gap");
  await gaps.getByText(/^Nothing was heard for /).waitFor();
  await emit(servers, "deepfake-alert", { ...alert, severity: "high", message: "Listen", confidence: 0.9 });
  await emit(servers, "deepfake-alert", { ...alert, severity: "critical", type: "face_swap" });
  const again = await until(
    () => page.evaluate(() => globalThis.told.callback.map(({ type, reason }) => [type, reason])),
    (told) => told.length > 1,
  );
  assert.deepEqual(again, [
    ["voice_clone", "raised"],
    ["face_swap", "new"],
  ]);

  await page.evaluate(() => {
    globalThis.panel.unmount();
    document.querySelector("telltale-meeting").remove();
  });
  await until(async () => (await state()).meeting.sockets === 0);
  assert.deepEqual(await page.evaluate(() => window.violations), []);
  assert.deepEqual(faults, []);
});

test("a widget names what is wrong with the options of a meeting", async (t) => {
  const servers = await startServers("--dist", PACKAGE);
  t.after(() => servers.stop());
  const { page, context } = await openPage(it.browser, `${servers.page}/demo.html`);
  t.after(() => context.close());
  const said = await page.evaluate(async () => {
    const { mount } = await import("./index.js");
    const place = document.getElementById("first");
    const server = { kind: "meeting", url: "/meeting" };
    const said = [];
    for (const options of [
      { server: { kind: "analysis", url: "/analysis" }, meetingId: "m" },
      { server, meetingId: "" },
      { server, meetingId: "m", mediaId: "m" },
      { server, meetingId: "m", alertLevel: "loud" },
      { server, meetingId: "m", onAlert: "pause" },
    ])
      said.push(
        await mount(place, options).then(
          () => "mounted",
          (error) => `${error.constructor.name} ${error.message}`,
        ),
      );
    return [...said, place.childNodes.length];
  });

  for (const [index, named] of ["kind", "meetingId", "mediaId", "alertLevel", "onAlert"].entries())
    assert.match(said[index], new RegExp(`^TypeError .*${named}`));
  assert.equal(said.at(-1), 0);
});

/** Has the meeting server say something to everybody. */
const emit = (servers, event, payload) => servers.control("emit", { backend: "meeting", event, args: [payload] });

/** Presses a button that exports. @returns {Promise<[string, string]>} the file's name and its text */
async function exported(page, activity, button) {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    activity.getByRole("button", { name: button }).click(),
  ]);
  return [download.suggestedFilename(), await readFile(await download.path(), "utf8")];
}

/** Waits until the focus is on something of this name. */
const focusIsOn = (page, name) =>
  until(
    () => page.evaluate(() => document.activeElement.getAttribute("aria-label") ?? document.activeElement.tagName),
    (found) => name.test(found),
  );

const meters = (page) =>
  // What was a meter when it was found may be none any more when it is read.
  page.getByRole("meter").evaluateAll((found) =>
    found
      .filter((meter) => meter.role === "meter")
      .map((meter) => ({
        name: meter.getAttribute("aria-label"),
        now: Number(meter.getAttribute("aria-valuenow")),
        text: meter.getAttribute("aria-valuetext"),
        row: meter.closest("li").textContent,
      })),
  );
