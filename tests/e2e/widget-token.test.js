// The npm package and the token of its page: who is asked for it, when and how often.
import assert from "node:assert/strict";
import { test } from "node:test";
import { tone } from "../backend/samples.js";
import { ADA, openPage, until } from "./harness.js";
import { browser, send, servers } from "./widget.js";

const tokenOfAda = async () => {
  const settings = { backend: "analysis", user: ADA.name, lifeSeconds: 3600 };
  return (await servers.control("token", settings)).token;
};

/** Takes every token that was given so far no more, and has the connections made again. @returns {Promise<string>} another */
async function expire() {
  await servers.control("tokens", { backend: "analysis", expireAll: true });
  const token = await tokenOfAda();
  await servers.control("disconnect", { backend: "analysis", how: "tcp" });
  return token;
}

test("an element whose getToken is another function at each render keeps its panel, and the newest one is called", async () => {
  const token = await tokenOfAda();
  const media = await send(token, "renders.wav", tone(20_000));
  const { page, context, faults } = await openPage(browser, `${servers.page}/demo.html`);
  await page.evaluate(async (media) => {
    await import("./element.js");
    const element = document.createElement("telltale-progress");
    const attributes = { "server-kind": "analysis", "server-url": "/analysis", "media-id": media };
    attributes["server-path"] = "/analysis/socket.io/";
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    globalThis.calls = [];
    let renders = 0;
    globalThis.render = () => {
      const mine = (renders += 1);
      element.getToken = () => new Promise((resolve) => globalThis.calls.push({ mine, resolve }));
    };
    globalThis.element = element;
    globalThis.render();
    document.getElementById("first").append(element);
  }, media);
  const calls = () => page.evaluate(() => globalThis.calls.map(({ mine }) => mine));
  await until(calls, (calls) => calls.length === 1);

  await page.evaluate(async () => {
    globalThis.box = globalThis.element.firstElementChild;
    for (let more = 0; more < 3; more += 1) {
      globalThis.render();
      // After the element's own microtask.
      await new Promise((resolve) => setTimeout(resolve));
    }
  });
  await page.evaluate((token) => globalThis.calls[0].resolve(token), token);
  const host = page.locator("telltale-progress > [data-telltale]");
  await host.getByRole("button", { name: "Live", exact: true }).waitFor();
  await page.evaluate(() => globalThis.render());
  const next = await expire();
  await until(calls, (calls) => calls.length > 1);

  assert.deepEqual(await calls(), [1, 5]);
  assert.ok(await page.evaluate(() => globalThis.box === globalThis.element.firstElementChild), "it is the same panel");
  await page.evaluate((token) => globalThis.calls[1].resolve(token), next);
  await host.getByRole("button", { name: "Live", exact: true }).waitFor();
  // One without is another panel, and one that is no function is told.
  const told = await page.evaluate(async () => {
    const { element } = globalThis;
    element.getToken = undefined;
    await new Promise((resolve) => setTimeout(resolve));
    const isOther = globalThis.box !== element.firstElementChild;
    const failed = new Promise((resolve) => element.addEventListener("telltale-error", resolve));
    element.addEventListener("telltale-error", (event) => event.preventDefault());
    element.getToken = "secret";
    return [isOther, (await failed).detail.message];
  });
  assert.deepEqual(told, [true, "telltale: `getToken` must be a function"]);
  assert.deepEqual(faults, []);
  await context.close();
});

/**
 * A live panel, and the functions that the page has for its token: `asked` counts, and each gives or throws what
 * `globalThis.answer` says.
 */
async function live(options) {
  const token = await tokenOfAda();
  const media = await send(token, "renewed.wav", tone(20_000));
  const opened = await openPage(browser, `${servers.page}/demo.html`, options);
  const { page } = opened;
  await page.evaluate(
    async ([token, mediaId]) => {
      const { mount } = await import("./index.js");
      Object.assign(globalThis, { asked: 0, signIns: 0, answer: () => token });
      document.addEventListener("telltale-sign-in", () => (globalThis.signIns += 1));
      const getToken = async () => {
        globalThis.asked += 1;
        return globalThis.answer();
      };
      const server = { kind: "analysis", url: "/analysis", path: "/analysis/socket.io/" };
      globalThis.panel = await mount(document.getElementById("first"), { server, mediaId, getToken });
      globalThis.answer = () => Promise.reject(new TypeError("Failed to fetch"));
    },
    [token, media],
  );
  const host = page.locator("#first [data-telltale]");
  const button = (name) => host.getByRole("button", { name, exact: true }).first();
  await button("Live").waitFor();
  const asked = (times) =>
    until(
      () => page.evaluate(() => globalThis.asked),
      (count) => count === times,
    );
  const give = (token) => page.evaluate((token) => (globalThis.answer = () => token), token);
  return { ...opened, host, button, asked, give };
}

test("a token that fails to be renewed is asked for again, and nobody has to sign in", async () => {
  const { page, context, faults, host, button, asked, give } = await live({ clock: true });
  const next = await expire();
  await asked(2);
  await page.clock.fastForward(1000);
  await asked(3);
  await give(next);
  await page.clock.fastForward(2000);
  await asked(4);
  await button("Live").waitFor();
  assert.equal(await host.getByRole("button", { name: "Sign in", exact: true }).count(), 0);
  assert.deepEqual(faults, []);
  await context.close();
});

test("a token that cannot be renewed is asked for four times, then once whenever a person signs in", async () => {
  const { page, context, faults, button, asked, give } = await live({ clock: true });
  const next = await expire();
  for (const [index, pause] of [0, 1000, 2000, 3000].entries()) {
    await page.clock.fastForward(pause);
    await asked(2 + index);
  }
  await button("Sign in").waitFor();
  await page.clock.fastForward(60_000);
  assert.deepEqual(faults.splice(0), ["error: Failed to fetch"], "the page is told once");

  await button("Sign in").click();
  await until(
    () => faults.length,
    (count) => count === 1,
  );
  assert.deepEqual(faults.splice(0), ["error: Failed to fetch"]);
  await asked(6);
  // A page that signs in by itself says so.
  await page.evaluate(() => {
    const element = document.getElementById("first");
    element.addEventListener("telltale-sign-in", (event) => event.preventDefault(), { once: true });
  });
  await button("Sign in").click();
  assert.equal(await page.evaluate(() => globalThis.signIns), 2);
  await asked(6);

  await give(next);
  await button("Sign in").click();
  await button("Live").waitFor();
  await asked(7);
  assert.equal(await page.evaluate(() => globalThis.signIns), 3);
  assert.deepEqual(faults, []);
  await context.close();
});

test("a renewal that waits to be tried again ends with another token", async () => {
  const { page, context, faults, button, asked } = await live({ clock: true });
  const next = await expire();
  await asked(2);
  await page.evaluate((next) => globalThis.panel.setToken(next), next);
  await button("Live").waitFor();
  await page.clock.fastForward(10_000);
  await asked(2);
  assert.deepEqual(faults, []);
  await context.close();
});

test("a token is taken without the white space around it", async () => {
  const token = await tokenOfAda();
  const { page, context, faults } = await openPage(browser, `${servers.page}/demo.html`);
  await page.evaluate(async (token) => {
    const { mount } = await import("./index.js");
    const server = { kind: "analysis", url: "/analysis", path: "/analysis/socket.io/" };
    const common = { server, mediaId: "m1" };
    await mount(document.getElementById("first"), { ...common, getToken: () => `${token}\n` });
    const panel = await mount(document.getElementById("second"), common);
    panel.setToken(` ${token}\r\n`);
  }, token);
  for (const id of ["first", "second"])
    await page.locator(`#${id} [data-telltale]`).getByRole("button", { name: "Live", exact: true }).waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});

test("an element tells of an error also where getToken rejects with none", async () => {
  const { page, context, faults } = await openPage(browser, `${servers.page}/demo.html`);
  const told = await page.evaluate(async () => {
    await import("./element.js");
    const told = [];
    for (const reason of [undefined, "no session", new RangeError("mine")]) {
      const element = document.createElement("telltale-progress");
      const attributes = { "server-kind": "analysis", "server-url": "/analysis", "media-id": "m1" };
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      element.getToken = () => Promise.reject(reason);
      const failed = new Promise((resolve) => element.addEventListener("telltale-error", resolve));
      element.addEventListener("telltale-error", (event) => event.preventDefault());
      document.getElementById("first").append(element);
      const { detail } = await failed;
      told.push([detail instanceof Error, detail.message, detail.cause === reason]);
    }
    return told;
  });
  const ours = "telltale: `getToken` threw no error; see `cause`";
  assert.deepEqual(told, [
    [true, ours, true],
    [true, ours, true],
    [true, "mine", false],
  ]);
  assert.deepEqual(faults, []);
  await context.close();
});
