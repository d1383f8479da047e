// The npm package and what a page may get wrong in its options.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./harness.js";
import { browser, servers } from "./widget.js";

/**
 * What `mount` says of each of these options, in a page of its own.
 * @param {[kind: "media" | "meeting", more: object][]} options where "a function" and "undefined" stand for such
 */
async function outcomes(options) {
  const { page, context, faults } = await openPage(browser, `${servers.page}/demo.html`);
  const said = await page.evaluate(async (options) => {
    const media = { server: { kind: "analysis", url: "/analysis" }, mediaId: "m1" };
    const meeting = { server: { kind: "meeting", url: "/meeting" }, meetingId: "m1" };
    const { mount } = await import("./index.js");
    const place = document.getElementById("first");
    const said = [];
    for (const [kind, given] of options) {
      const read = (value) => (value === "a function" ? () => {} : value === "undefined" ? undefined : value);
      const more = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, read(value)]));
      try {
        const panel = await mount(place, { ...(kind === "media" ? media : meeting), ...more });
        panel.unmount();
        said.push("mounted");
      } catch (error) {
        said.push(`${error.name} ${error.message}`);
      }
    }
    return [...said, place.childNodes.length];
  }, options);
  assert.deepEqual(faults, []);
  assert.equal(said.pop(), 0, "nothing is left in the page");
  await context.close();
  return said;
}

test("a word that is no text is named as one that is not known", async () => {
  for (const [name, words] of [
    ["alertLevel", '"low", "medium", "high" or "critical"'],
    ["announce", '"all", "important" or "off"'],
    ["theme", '"auto", "light" or "dark"'],
  ]) {
    const wrong = [3, true, {}, ["high"], ["all"], "", "nope"];
    const said = await outcomes(wrong.map((value) => ["meeting", { [name]: value }]));
    for (const [index, message] of said.entries())
      assert.equal(message, `TypeError telltale: \`${name}\` must be ${words}`, JSON.stringify(wrong[index]));
  }
  for (const message of await outcomes([3, 0, false, ["de"], {}].map((lang) => ["media", { lang }])))
    assert.match(message, /^TypeError telltale: `lang` must be a language tag/);
});

test("a panel refuses a word that is no text, and goes on", async () => {
  const { page, context, faults } = await openPage(browser, `${servers.page}/demo.html`);
  const said = await page.evaluate(async () => {
    const { mount } = await import("./index.js");
    const server = { kind: "meeting", url: "/meeting", path: "/meeting/socket.io/" };
    const panel = await mount(document.getElementById("first"), { server, meetingId: "words" });
    const said = [];
    for (const [name, value] of [
      ["setAnnounce", 3],
      ["setAnnounce", {}],
      ["setTheme", ["dark"]],
      ["setToken", 3],
      ["setLanguage", ["de"]],
      ["setAnnounce", "all"],
      ["setAnnounce", null],
      ["setTheme", null],
    ])
      try {
        await panel[name](value);
        said.push("");
      } catch (error) {
        said.push(error.name);
      }
    return said;
  });
  assert.deepEqual(said, [...Array(5).fill("TypeError"), "", "", ""]);
  await page.locator("#first [data-telltale]").getByRole("button", { name: "Live", exact: true }).waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});

test("an option that is misspelt, or another kind's, is named with those there are", async () => {
  const call = "a function";
  for (const [kind, more, named] of [
    ["meeting", { onalert: call }, /`onalert` is no option: there are .*`onAlert`/],
    ["meeting", { onAlerts: call }, /`onAlerts` is no option: .*`onAlert`/],
    ["media", { locale: "de" }, /`locale` is no option: .*`lang`/],
    ["media", { onAlert: call }, /`onAlert` is no option of a media: .*`onCancel`$/],
    ["media", { onVideoFrame: call }, /`onVideoFrame` is no option of a media/],
    ["media", { alertLevel: "low" }, /`alertLevel` is no option of a media/],
    ["meeting", { onCancel: call }, /`onCancel` is no option of a meeting: .*`onVideoFrame`$/],
    ["media", { mediaId: "undefined", mediaID: "m1" }, /`mediaID` is no option/],
  ]) {
    const [said] = await outcomes([[kind, more]]);
    assert.match(said, /^TypeError telltale: /);
    assert.match(said, named);
  }
});

test("an option that is null or undefined is not given, whichever it is", async () => {
  const names = ["token", "getToken", "theme", "announce", "lang", "strings", "signal", "alertLevel", "onAlert"];
  for (const none of [null, "undefined"]) {
    const more = Object.fromEntries([...names, "onVideoFrame", "onCancel", "wasm"].map((name) => [name, none]));
    const said = await outcomes([
      ["media", { ...more, meetingId: none }],
      ["meeting", { ...more, mediaId: none }],
    ]);
    assert.deepEqual(said, ["mounted", "mounted"]);
  }
});
