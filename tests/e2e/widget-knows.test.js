// The npm package before it knows: what a panel says of a run, a media and a server that it has not heard all of.
import assert from "node:assert/strict";
import { test } from "node:test";
import { tone } from "../backend/samples.js";
import { ADA, openPage, until } from "./harness.js";
import { analysing, audioModels, browser, mount, note, sayCancelled, send, servers } from "./widget.js";

/** An id as the analysis server gives them, and has given none. */
const UNKNOWN = "00000000-0000-4000-8000-000000000000";

test("a panel that comes in the middle of a run shows no share of the whole that is not true", async () => {
  const { token } = await servers.control("token", { backend: "analysis", user: ADA.name });
  const audio = tone(60_000);
  await servers.control("settings", { pace: audio.length / 4 });
  const media = await send(token, "midway.wav", audio);
  const { page, context, faults } = await openPage(browser, `${servers.page}/demo.html`);
  const rows = async () => (await servers.media()).find(({ id }) => id === media).analysisRuns[0].analyses.length;
  await until(rows, (count) => count === 1);

  await mount(page, "first", { mediaId: media, token });
  const noted = await note(page, "first");
  const shown = await until(noted, (shown) => shown.length > 0);
  const ended = await rows();
  await servers.control("settings", { pace: 0 });

  // The truth is between those that have ended and one more: a share of those that were heard of is greater.
  const all = await audioModels(token);
  assert.ok(
    shown.every((percent) => percent <= Math.floor((100 * (ended + 1)) / all)),
    `${shown}: ${ended} of ${all}`,
  );
  await page.locator("#first").getByRole("heading", { name: "Analysis complete" }).waitFor();
  const whole = await noted();
  assert.deepEqual(
    whole,
    whole.toSorted((a, b) => a - b),
    "it never falls",
  );
  assert.equal(whole.at(-1), 100);
  assert.deepEqual(faults, []);
  await context.close();
});

test("a panel says that the server does not know its media, until it does", async () => {
  const { token } = await servers.control("token", { backend: "analysis", user: ADA.name });
  const { page, context, faults } = await openPage(browser, `${servers.page}/demo.html`);
  await mount(page, "first", { mediaId: UNKNOWN, token });
  const host = page.locator("#first [data-telltale]");
  const unknown = host.getByRole("heading", { name: "Nothing is known of this item" });
  await unknown.waitFor();
  await host.getByText("Live", { exact: true }).first().waitFor();
  assert.equal(await host.getByText("Waiting for the server to start.").count(), 0);

  const now = new Date().toISOString();
  const row = { id: UNKNOWN, filename: "late.wav", status: "QUEUED", mediaType: "AUDIO", createdAt: now };
  const args = [{ ...row, updatedAt: now, analysisRuns: [] }];
  await servers.control("emit", { backend: "analysis", event: "media_update", args, to: { user: ADA.name } });
  await host.getByText("late.wav").first().waitFor();
  await unknown.waitFor({ state: "hidden" });
  assert.deepEqual(faults, []);
  await context.close();
});

test("a live panel of a server without a list says nothing of its media before it is answered for it", async () => {
  const { token } = await servers.control("token", { backend: "interview", user: ADA.name });
  const { page, context, faults } = await openPage(browser, `${servers.page}/demo.html`);
  const server = { kind: "interview", url: "/interview", path: "/interview/socket.io/" };
  let answer;
  const answered = new Promise((resolve) => (answer = resolve));
  let refused = 0;
  await context.route("**/media-analysis/**", async (route) => {
    await answered;
    if (refused++ > 0) await route.continue();
    else await route.fulfill({ status: 503, json: { message: "Under repair" } });
  });
  await mount(page, "first", { server, mediaId: "0123456789abcdef01234567", token });
  const host = page.locator("#first [data-telltale]");
  const unknown = host.getByRole("heading", { name: "Nothing is known of this item" });
  await host.getByText("Live", { exact: true }).first().waitFor();
  await host.getByText("Fetching what happened before.").waitFor();
  assert.equal(await unknown.count(), 0, "not asked");

  answer();
  await host.getByRole("heading", { name: "Not loaded yet" }).waitFor();
  await host.getByRole("paragraph").filter({ hasText: "The server says: Under repair" }).waitFor();
  assert.equal(await unknown.count(), 0, "refused");
  await unknown.waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});

test("a panel shows that its analysis was not started again, until somebody puts that away", async () => {
  const { token, media, page, context, faults } = await analysing("refused.wav");
  await mount(page, "first", { mediaId: media, token });
  const host = page.locator("#first [data-telltale]");
  await host.getByText("Live", { exact: true }).first().waitFor();
  await sayCancelled(media);
  const path = `/media/${media}/analyze`;
  await servers.control("rest", { backend: "analysis", status: 403, count: 1, path, method: "POST" });
  await host.getByRole("button", { name: "Analyze again" }).click();

  const notice = host.locator(".banner", { hasText: "Not analyzed again: refused.wav" });
  await notice.waitFor();
  const dismiss = notice.getByRole("button", { name: /^Dismiss: Not analyzed again/ });
  await dismiss.focus();
  await page.keyboard.press("Enter");
  await notice.waitFor({ state: "detached" });
  const focused = () => host.evaluate((element) => element.shadowRoot.activeElement?.textContent ?? "");
  await until(focused, (text) => text.includes("refused.wav"));
  assert.deepEqual(faults, []);
  await context.close();
});

test("a panel speaks of its own media, and of no other that its user has", async () => {
  const { token, media, page, context, faults } = await analysing("own.wav");
  await mount(page, "first", { mediaId: media, token, announce: "all" });
  const host = page.locator("#first [data-telltale]");
  await host.getByText("Live", { exact: true }).first().waitFor();
  const heard = await page.evaluateHandle(() => {
    const root = document.querySelector("#first [data-telltale]").shadowRoot;
    const heard = [];
    for (const region of root.querySelectorAll("[aria-live]"))
      new MutationObserver(() => heard.push(region.textContent)).observe(region, {
        childList: true,
        characterData: true,
        subtree: true,
      });
    return heard;
  });
  const other = await send(token, "other.wav", tone(20_000));
  await sayCancelled(other);
  await sayCancelled(media);
  await host.getByText("Analysis cancelled: own.wav.").waitFor();
  const said = await heard.jsonValue();
  assert.deepEqual(
    said.filter((sentence) => sentence.includes("other.wav")),
    [],
  );
  assert.deepEqual(faults, []);
  await context.close();
});

test("a panel of a meeting that nobody lets it into is not called watched", async () => {
  const { page, context, faults } = await openPage(browser, `${servers.page}/demo.html`, { clock: true });
  // A server that answers no joining: one of media.
  const { token } = await servers.control("token", { backend: "analysis", user: ADA.name });
  const server = { kind: "meeting", url: "/analysis", path: "/analysis/socket.io/" };
  await mount(page, "first", { server, meetingId: "nowhere", token });
  const host = page.locator("#first [data-telltale]");
  await host.getByText("Joining meeting…").waitFor();
  await page.clock.fastForward(12_000);
  await host.locator(".pill", { hasText: "Not joined" }).waitFor();
  await host.getByText("the server has not let this page into the meeting. It is asked again.").waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});

for (const [what, token] of [
  ["without a token", undefined],
  ["whose token is refused at once", "none-that-was-ever-given"],
])
  test(`a panel ${what} asks to sign in, and of no session that ended`, async () => {
    const { page, context, faults } = await openPage(browser, `${servers.page}/demo.html`);
    await page.evaluate(() => {
      globalThis.asked = 0;
      document.addEventListener("telltale-sign-in", () => (globalThis.asked += 1));
    });
    await mount(page, "first", { mediaId: "m1", token });
    const host = page.locator("#first [data-telltale]");
    const banner = host.getByRole("region", { name: "Connection status" });
    await banner.getByText("Sign in to see live updates.").waitFor();
    await banner.getByRole("button", { name: "Sign in", exact: true }).click();
    assert.equal(await page.evaluate(() => globalThis.asked), 1);
    for (const untrue of ["Your session has ended", "Waiting for the server to start."])
      assert.equal(await host.getByText(untrue).count(), 0, untrue);

    const { token: good } = await servers.control("token", { backend: "analysis", user: ADA.name });
    await page.evaluate((token) => globalThis.panel.setToken(token), good);
    await host.getByText("Live", { exact: true }).first().waitFor();
    await banner.waitFor({ state: "hidden" });
    assert.equal(await host.getByText("Reconnected.").count(), 0, "nothing was lost");
    assert.deepEqual(faults, []);
    await context.close();
  });

test("a panel of a server that cannot be reached says so, and of nothing that it lost", async () => {
  const { page, context, faults } = await openPage(browser, `${servers.page}/demo.html`);
  const server = { kind: "analysis", url: "/nobody-here" };
  await mount(page, "first", { server, mediaId: "m1", token: "any" });
  const host = page.locator("#first [data-telltale]");
  const banner = host.getByRole("region", { name: "Connection status" });
  await banner.getByText("No connection to the server could be made.").waitFor();
  await banner.getByRole("button", { name: "Retry now" }).waitFor();
  await host.getByRole("heading", { name: "Not loaded yet" }).waitFor();
  for (const untrue of ["Connection lost", "Progress may be out of date.", "Reconnecting", "Waiting for the server"])
    assert.equal(await host.getByText(untrue).filter({ visible: true }).count(), 0, untrue);
  assert.deepEqual(faults, []);
  await context.close();
});
