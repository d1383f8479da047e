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
