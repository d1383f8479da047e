// The npm package where a page can cancel an analysis. The analyses go on at the server, which has no call for that.
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "./harness.js";
import { again, analysing, mount, sayCancelled } from "./widget.js";

test("a page that can cancel an analysis is asked to once, and nothing is cancelled before the server says so", async () => {
  const { token, media, page, context, faults } = await analysing("long.wav");
  await page.evaluate(() => {
    globalThis.calls = [];
    globalThis.cancel = (id) => new Promise((_, reject) => globalThis.calls.push({ id, reject }));
  });
  await mount(page, "first", { mediaId: media, token, onCancel: "cancel" });
  await mount(page, "second", { mediaId: media, token });
  const [host, other] = ["#first", "#second"].map((id) => page.locator(`${id} [data-telltale]`));
  const button = host.getByRole("button", { name: "Cancel", exact: true });
  const question = host.getByRole("dialog", { name: "Cancel this analysis? Finished models keep their results." });
  const keep = question.getByRole("button", { name: "Keep running" });
  const calls = () => page.evaluate(() => globalThis.calls.map(({ id }) => id));
  const isFocused = (locator) => locator.evaluate((element) => element === element.getRootNode().activeElement);
  await button.waitFor();
  await other.getByRole("heading", { name: /^(Queued|Analysis in progress)$/ }).waitFor();
  assert.equal(await other.getByRole("button", { name: "Cancel", exact: true }).count(), 0, "nobody gave it a call");

  for (const leave of [() => keep.click(), () => page.keyboard.press("Escape")]) {
    await button.focus();
    await page.keyboard.press("Enter");
    await question.waitFor();
    assert.ok(await isFocused(keep), "the choice that changes nothing has the focus");
    assert.equal(await question.locator("[aria-live]").count(), 2, "what is behind the question is not heard");
    await leave();
    await question.waitFor({ state: "hidden" });
    assert.ok(await isFocused(button), "the focus is back");
    assert.deepEqual(await calls(), []);
  }

  const agree = async () => {
    await button.click();
    await question.getByRole("button", { name: "Cancel analysis" }).click();
    await host.getByRole("status").filter({ hasText: "Cancelling…" }).waitFor();
    await question.waitFor({ state: "hidden" });
  };
  await agree();
  assert.deepEqual(await calls(), [media]);
  assert.equal(await button.count(), 0, "it is asked for once");
  await until(
    () => isFocused(host.getByRole("heading", { level: 2 }).first()),
    (is) => is,
  );

  await page.evaluate(() => globalThis.calls[0].reject(new Error("Not <b>now</b>\nat cancel.js:7")));
  await host.getByText("Could not cancel.").waitFor();
  await host.getByText("Not <b>now</b>", { exact: true }).waitFor();
  await button.waitFor();

  await agree();
  assert.deepEqual(await calls(), [media, media]);
  assert.equal(await host.getByText("Cancelled", { exact: true }).count(), 0, "the server has not said so");
  await sayCancelled(media);
  for (const panel of [host, other]) {
    await panel.getByRole("heading", { name: "Analysis cancelled" }).waitFor();
    await panel.getByText(/^Cancelled after 0 of \d models?/).waitFor();
  }
  assert.equal(await host.getByText("Cancelling…").count(), 0);
  assert.equal(await button.count(), 0);
  assert.deepEqual(faults, []);
  await context.close();
});

test("a cancellation that the server does not confirm within a minute says so, and can be asked for again", async () => {
  const { token, media, page, context, faults } = await analysing("deaf.wav", { clock: true });
  await page.evaluate(() => {
    globalThis.calls = 0;
    globalThis.cancel = () => void (globalThis.calls += 1);
  });
  await mount(page, "first", { mediaId: media, token, onCancel: "cancel" });
  const host = page.locator("#first [data-telltale]");
  const button = host.getByRole("button", { name: "Cancel", exact: true });
  const agree = async () => {
    await button.click();
    await host.getByRole("dialog").getByRole("button", { name: "Cancel analysis" }).click();
    await host.getByText("Cancelling…").waitFor();
  };
  const unconfirmed = host.getByRole("status").filter({ hasText: "The server has not said that it was cancelled." });
  await agree();
  const pass = async (seconds) => {
    for (let passed = 0; passed < seconds; passed += 10) await page.clock.fastForward(10_000);
  };
  await pass(40);
  assert.equal(await unconfirmed.count(), 0);
  await pass(20);
  await unconfirmed.waitFor();

  await agree();
  assert.equal(await unconfirmed.count(), 0);
  assert.equal(await page.evaluate(() => globalThis.calls), 2);
  // In a minute that the server does not know of, its next ping was missing: the panel connects again.
  await host.getByRole("button", { name: "Live", exact: true }).waitFor();
  await sayCancelled(media);
  await host.getByRole("heading", { name: "Analysis cancelled" }).waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});

for (const isAsked of [true, false]) {
  const what = isAsked ? "question" : "button";
  test(`a ${what} to cancel that the run does not wait for goes, and the focus stays in the panel`, async () => {
    const { token, media, page, context, faults } = await analysing(`${what}.wav`);
    await page.evaluate(() => (globalThis.cancel = () => {}));
    await mount(page, "first", { mediaId: media, token, onCancel: "cancel" });
    const host = page.locator("#first [data-telltale]");
    await host.getByRole("button", { name: "Cancel", exact: true }).focus();
    if (isAsked) {
      await page.keyboard.press("Enter");
      await host.getByRole("dialog").waitFor();
    }

    await sayCancelled(media);

    const heading = host.getByRole("heading", { name: "Analysis cancelled" });
    await heading.waitFor();
    assert.equal(await host.locator("dialog").count(), 0);
    await until(
      () => heading.evaluate((element) => element === element.getRootNode().activeElement),
      (is) => is,
    );
    assert.deepEqual(faults, []);
    await context.close();
  });
}

test("a question goes when its element is moved, and a promise that fails without words makes up none", async () => {
  const { token, media, page, context, faults } = await analysing("moved.wav");
  await page.evaluate(
    async ([token, mediaId]) => {
      await import("./element.js");
      const element = document.createElement("telltale-progress");
      element.setAttribute("server-kind", "analysis");
      element.setAttribute("server-url", "/analysis");
      element.setAttribute("server-path", "/analysis/socket.io/");
      element.setAttribute("media-id", mediaId);
      element.getToken = () => token;
      element.onCancel = () => Promise.reject({ code: 1 });
      document.getElementById("first").append(element);
    },
    [token, media],
  );
  const host = page.locator("telltale-progress [data-telltale]");
  const button = host.getByRole("button", { name: "Cancel", exact: true });
  await button.click();
  await host.getByRole("dialog").waitFor();
  await page.evaluate(() => document.getElementById("second").append(document.querySelector("telltale-progress")));
  await host.getByRole("dialog").waitFor({ state: "hidden" });

  await button.click();
  await host.getByRole("dialog").getByRole("button", { name: "Cancel analysis" }).click();
  await host.getByText("Could not cancel.", { exact: true }).waitFor();
  assert.equal(await host.getByText("[object").count(), 0);
  await button.waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});

test("what was asked and answered about one run is not said of the next", async () => {
  const { token, media, page, context, faults } = await analysing("again.wav");
  await page.evaluate(() => {
    globalThis.rejects = [];
    globalThis.cancel = () => new Promise((_, reject) => globalThis.rejects.push(reject));
  });
  await mount(page, "first", { mediaId: media, token, onCancel: "cancel" });
  const host = page.locator("#first [data-telltale]");
  const button = host.getByRole("button", { name: "Cancel", exact: true });
  const agree = host.getByRole("dialog").getByRole("button", { name: "Cancel analysis" });
  const calls = () => page.evaluate(() => globalThis.rejects.length);
  const isBegun = (run) => host.getByText(`Run ${run}`, { exact: false }).first().waitFor();

  await button.click();
  await again(token, media);
  await isBegun(2);
  await agree.click();
  assert.equal(await calls(), 0, "the question was about the first run");

  await button.click();
  await agree.click();
  await host.getByText("Cancelling…").waitFor();
  assert.equal(await calls(), 1);
  await again(token, media);
  await isBegun(3);
  await button.waitFor();
  await page.evaluate(() => globalThis.rejects[0](new Error("too late")));
  assert.equal(await host.getByText("Could not cancel").count(), 0, "the call was for the second run");

  await button.click();
  await agree.click();
  await page.evaluate(() => globalThis.rejects[1](new Error("in time")));
  await host.getByText("in time", { exact: true }).waitFor();
  assert.equal(await host.getByText("too late").count(), 0);
  assert.deepEqual(faults, []);
  await context.close();
});
