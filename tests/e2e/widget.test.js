// The npm package: how a panel is mounted, changed and taken away, by the function and by the elements.
import assert from "node:assert/strict";
import { test } from "node:test";
import { tone } from "../backend/samples.js";
import { ADA, alert, openPage, until } from "./harness.js";
import { browser, send, servers, sockets } from "./widget.js";

test("two panels show a run to its end, and unmounting one leaves the other and nothing of itself", async () => {
  const { token } = await servers.control("token", { backend: "analysis", user: ADA.name });
  const media = await send(token, "interview.wav", tone(60_000));
  const { page, context, faults } = await openPage(browser, `${servers.page}/demo.html?media=${media}`);

  await page.evaluate((token) => globalThis.start(token), token);

  const hosts = page.locator("[data-telltale]");
  assert.equal(await hosts.count(), 2);
  for (const host of await hosts.all()) {
    await host.getByText("interview.wav").first().waitFor();
    await host.getByRole("heading", { name: "Analysis complete" }).waitFor();
    await host.getByText("Live", { exact: true }).first().waitFor();
    await host.getByText("Simulated data. Do not use these scores.").waitFor();
    assert.equal(await host.getByRole("progressbar").getAttribute("aria-valuenow"), "100");
  }
  const heading = hosts.first().getByRole("heading", { name: "Analysis complete" });
  const look = await heading.evaluate((element) => {
    const { fontFamily, textTransform, letterSpacing } = getComputedStyle(element);
    return { fontFamily, textTransform, letterSpacing };
  });
  assert.doesNotMatch(look.fontFamily, /Georgia/, "the page's styles stay outside");
  assert.deepEqual([look.textTransform, look.letterSpacing], ["none", "normal"]);
  assert.match(await page.locator("body").evaluate((body) => getComputedStyle(body).fontFamily), /Georgia/);

  await page.getByRole("button", { name: "Unmount the first" }).click();
  await until(
    () => hosts.count(),
    (count) => count === 1,
  );
  assert.equal(await page.locator("#first").evaluate((element) => element.childNodes.length), 0);
  await page.locator("#second").getByRole("heading", { name: "Analysis complete" }).waitFor();
  await until(sockets, (count) => count === 1);

  await page.evaluate(() => globalThis.panels[1].unmount());
  await until(sockets, (count) => count === 0);
  assert.deepEqual(await page.evaluate(() => window.violations), []);
  assert.deepEqual(faults, []);
  await context.close();
});

test("a wrong option is named and leaves nothing in the page", async () => {
  const { page, context } = await openPage(browser, `${servers.page}/demo.html?media=m1`);
  const said = await page.evaluate(async () => {
    const { mount } = await import("./index.js");
    const place = document.getElementById("first");
    const server = { kind: "analysis", url: "/analysis" };
    const tries = [
      [place, { server, mediaId: "m1", wasm: new URL("./demo.html", location.href) }],
      [place, { server: { ...server, kind: "nope" }, mediaId: "m1" }],
      [place, { server: { ...server, kind: "meeting" }, mediaId: "m1" }],
      [place, { server: { kind: "analysis" }, mediaId: "m1" }],
      [place, { server, mediaId: "" }],
      [place, { server, mediaId: "m1", theme: "pink" }],
      [place, { server, mediaId: "m1", announce: "loudly" }],
      [place, { server, mediaId: "m1", lang: "de-!" }],
      [place, { server, mediaId: "m1", lang: 7 }],
      [place, { server, mediaId: "m1", strings: "Ergebnis" }],
      [place, { server, mediaId: "m1", lang: "not a lang!!" }],
      [place, { server, mediaId: "m1", strings: ["Ergebnis"] }],
      [place, { server, mediaId: "m1", strings: { Live: 5 } }],
      [place, { server, mediaId: "m1", onCancel: "/cancel" }],
      [place, { server, mediaId: "m1", getToken: "secret" }],
      [place, { server, mediaId: "m1", token: { secret: 1 } }],
      [place, { server, mediaId: "m1", getToken: () => fetch("./index.js") }],
      [place, { server, mediaId: "m1", signal: true }],
      [place, { server: { ...server, url: "ftp://x" }, mediaId: "m1" }],
      [place, null],
      [null, { server, mediaId: "m1" }],
    ];
    const said = [];
    for (const [element, options] of tries)
      said.push(
        await mount(element, options).then(
          () => "mounted",
          (error) => `${error.constructor.name} ${error.message}`,
        ),
      );
    return [...said, place.childNodes.length];
  });

  assert.match(said.shift(), /^Error telltale: what is at \S+demo.html is not the program; /);
  for (const [index, named] of [
    "kind",
    "kind",
    "url",
    "mediaId",
    "theme",
    "announce",
    "lang",
    "lang",
    "strings",
    "lang",
    "strings",
    "strings",
    "onCancel",
    "getToken",
    "token",
    "getToken. gives must be a string and is .object Response",
    "signal",
    "`server.url`",
    "options",
    "element",
  ].entries())
    assert.match(said[index], new RegExp(`^TypeError .*${named}`));
  assert.equal(said.at(-1), 0);
  await context.close();
});

test("two panels of one page speak two languages, one changes its own, and a host's texts go before the package's", async () => {
  const { token } = await servers.control("token", { backend: "analysis", user: ADA.name });
  const media = await send(token, "interview.wav", tone(60_000));
  const { page, context, faults } = await openPage(browser, `${servers.page}/demo.html?media=${media}`);
  await page.evaluate(
    async ([token, mediaId]) => {
      const { mount } = await import("./index.js");
      const server = { kind: "analysis", url: "/analysis", path: "/analysis/socket.io/" };
      const [first, second] = ["first", "second"].map((id) => document.getElementById(id));
      second.lang = "ar-EG";
      const strings = { Result: "Befund" };
      globalThis.panels = await Promise.all([
        mount(first, { server, mediaId, token, lang: "de", strings }),
        mount(second, { server, mediaId, token }),
      ]);
    },
    [token, media],
  );
  const [first, second] = ["#first", "#second"].map((id) => page.locator(`${id} [data-telltale]`));
  await first.getByRole("heading", { name: "Analyse fertig" }).waitFor();
  await first.getByRole("heading", { name: "Befund", exact: true }).waitFor();
  await second.getByRole("heading", { name: "اكتمل التحليل" }).waitFor();
  const spoken = (host) => host.locator("section.embedded").evaluate(({ lang, dir }) => [lang, dir]);
  assert.deepEqual(await spoken(first), ["de", "ltr"]);
  assert.deepEqual(await spoken(second), ["ar-EG", "rtl"]);
  assert.deepEqual(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]), [
    "en",
    "",
  ]);
  // Egypt has digits of its own.
  assert.match(await second.locator("section.embedded").textContent(), /١٠٠/);

  const heading = await second.getByRole("heading", { name: "اكتمل التحليل" }).elementHandle();
  await page.evaluate(() => globalThis.panels[1].setLanguage("en"));
  await second.getByRole("heading", { name: "Analysis complete" }).waitFor();
  assert.ok(await heading.evaluate((heading) => heading.isConnected), "the panel is the one that was there");
  await until(sockets, (count) => count === 2);
  // A language that the package does not have is English, unless the host has texts for it.
  await page.evaluate(() => globalThis.panels[1].setLanguage("fr", { AnalysisComplete: "Analyse terminée" }));
  await second.getByRole("heading", { name: "Analyse terminée" }).waitFor();
  await second.getByRole("heading", { name: "Result", exact: true }).waitFor();
  await page.evaluate(() => globalThis.panels[1].setLanguage("fr"));
  await second.getByRole("heading", { name: "Analysis complete" }).waitFor();
  assert.deepEqual(await spoken(second), ["en", "ltr"]);
  await first.getByRole("heading", { name: "Analyse fertig" }).waitFor();

  await page.evaluate(() => globalThis.panels.forEach((panel) => panel.unmount()));
  await until(sockets, (count) => count === 0);
  assert.deepEqual(await page.evaluate(() => window.violations), []);
  assert.deepEqual(faults, []);
  await context.close();
});

test("a panel stays whose handle its page does not keep", async () => {
  const { token } = await servers.control("token", { backend: "analysis", user: ADA.name });
  const { page, context, faults } = await openPage(browser, `${servers.page}/demo.html`);
  await page.evaluate(async (token) => {
    const { mount } = await import("./index.js");
    const server = { kind: "analysis", url: "/analysis", path: "/analysis/socket.io/" };
    await mount(document.getElementById("first"), { server, mediaId: "nobody-has-this", token });
    // Whose finalizer runs, what nobody holds was collected.
    globalThis.isCollected = new Promise((resolve) => {
      const registry = (globalThis.registry = new FinalizationRegistry(resolve));
      registry.register({}, true);
    });
  }, token);
  const live = page.locator("#first").getByText("Live", { exact: true });
  await live.first().waitFor();

  await page.requestGC();
  assert.equal(await page.evaluate(() => globalThis.isCollected), true);
  // One task later all finalizers of the same collection have run.
  await page.requestGC();
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));

  assert.ok(await live.first().isVisible());
  await until(sockets, (count) => count === 1);
  assert.deepEqual(faults, []);
  await context.close();
});

test("the element keeps its panel when it is moved, and tells only of the mount that is wanted", async () => {
  const { token } = await servers.control("token", { backend: "analysis", user: ADA.name });
  const media = await send(token, "moved.wav", tone(60_000));
  const { page, context, faults } = await openPage(browser, `${servers.page}/demo.html`);
  await page.evaluate(
    async ([token, media]) => {
      await import("./element.js");
      const element = document.createElement("telltale-progress");
      globalThis.told = [];
      element.addEventListener("telltale-error", ({ detail }) => globalThis.told.push(detail.message));
      const attributes = { "server-kind": "analysis", "server-url": "/analysis", "media-id": media };
      attributes["server-path"] = "/analysis/socket.io/";
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      element.getToken = () => token;
      document.getElementById("first").append(element);
      globalThis.element = element;
    },
    [token, media],
  );
  const host = page.locator("telltale-progress > [data-telltale]");
  await host.getByRole("heading", { name: "Analysis complete" }).waitFor();
  await until(sockets, (count) => count === 1);
  const reconnected = page.waitForEvent("websocket", { timeout: 2000 }).then(
    () => "another connection",
    () => "none",
  );
  const isSame = await page.evaluate(async () => {
    const { element } = globalThis;
    const before = element.firstElementChild;
    document.getElementById("second").append(element);
    // After the element's own microtask.
    await new Promise((resolve) => setTimeout(resolve));
    return element.children.length === 1 && element.firstElementChild === before;
  });
  assert.ok(isSame, "the panel is the one that was there");
  assert.equal(await page.locator("#second").getByRole("heading", { name: "Analysis complete" }).count(), 1);
  assert.equal(await reconnected, "none");

  await page.evaluate(() => globalThis.element.setAttribute("lang", "de"));
  await host.getByRole("heading", { name: "Analyse fertig" }).waitFor();
  assert.equal(await sockets(), 1, "another language is no other connection");
  await page.evaluate(() => globalThis.element.removeAttribute("lang"));
  await host.getByRole("heading", { name: "Analysis complete" }).waitFor();

  // A wrong kind that is corrected before anyone has heard of it, and one that stays.
  await page.evaluate(async () => {
    const { element } = globalThis;
    element.setAttribute("server-kind", "nope");
    // The mount has begun, and has not come to the server yet.
    await Promise.resolve();
    element.setAttribute("server-kind", "analysis");
  });
  await host.getByRole("heading", { name: "Analysis complete" }).waitFor();
  assert.deepEqual(await page.evaluate(() => globalThis.told), []);
  await page.evaluate(() => {
    globalThis.element.addEventListener("telltale-error", (event) => event.preventDefault());
    globalThis.element.setAttribute("server-kind", "meeting");
  });
  const told = await until(
    () => page.evaluate(() => globalThis.told),
    (told) => told.length > 0,
  );
  assert.match(told.join(), /^telltale: `kind` [^,]*$/);

  await page.evaluate(() => globalThis.element.remove());
  await until(sockets, (count) => count === 0);
  assert.deepEqual(faults, []);
  await context.close();
});

test("what only changes the look or the words of a meeting loses none of its alerts", async () => {
  const { page, context, faults } = await openPage(browser, `${servers.page}/demo.html`);
  await page.evaluate(async () => {
    await import("./element.js");
    const element = document.createElement("telltale-meeting");
    element.setAttribute("server-url", "/meeting");
    element.setAttribute("server-path", "/meeting/socket.io/");
    element.setAttribute("meeting-id", "look");
    document.getElementById("first").append(element);
  });
  const host = page.locator("telltale-meeting > [data-telltale]");
  await host.getByRole("button", { name: "Live", exact: true }).waitFor();
  const viewers = async () => (await servers.control("state")).meeting.sockets;
  const before = await viewers();
  await alert(servers, "look", "critical", "voice_clone", "Listen");
  await host.getByText("Listen").first().waitFor();
  await page.evaluate(() => {
    const element = document.querySelector("telltale-meeting");
    globalThis.panel = element.firstElementChild;
    element.setAttribute("theme", "dark");
    element.setAttribute("announce", "all");
    element.setAttribute("lang", "de");
    element.strings = { Alerts: "Hinweise" };
  });

  await host.getByRole("heading", { name: "Hinweise" }).waitFor();

  assert.ok(
    await page.evaluate(() => globalThis.panel === document.querySelector("telltale-meeting").firstElementChild),
  );
  assert.equal(await host.getAttribute("data-theme"), "dark");
  await host.getByText("Listen").first().waitFor();
  assert.equal(await viewers(), before, "nobody has left and come again");
  assert.deepEqual(faults, []);
  await context.close();
});

test("a panel that waits for its token shows nothing, and goes when it is ended or asked for otherwise", async () => {
  const { page, context, faults } = await openPage(browser, `${servers.page}/demo.html`);
  const seen = await page.evaluate(async () => {
    const { load, mount } = await import("./index.js");
    await import("./element.js");
    await load();
    const never = () => new Promise(() => {});
    const ending = new AbortController();
    const place = document.getElementById("second");
    const options = { server: { kind: "analysis", url: "/analysis" }, mediaId: "m1", getToken: never };
    const ended = mount(place, { ...options, signal: ending.signal }).catch((error) => error.message);
    const height = place.getBoundingClientRect().height;
    ending.abort(new Error("enough"));
    const message = await ended;

    const element = document.createElement("telltale-progress");
    for (const [name, value] of Object.entries({ kind: "analysis", url: "/analysis" }))
      element.setAttribute(`server-${name}`, value);
    element.setAttribute("media-id", "m1");
    document.getElementById("first").append(element);
    const counts = [];
    for (let more = 0; more < 3; more += 1) {
      element.getToken = () => never();
      await new Promise((resolve) => setTimeout(resolve));
      counts.push(element.childElementCount);
    }
    // Not in the page: its stylesheet would be waited for.
    const detached = document.createElement("div");
    const panel = await mount(detached, { ...options, getToken: () => "secret" });
    panel.unmount();
    return { height, message, left: place.childElementCount, counts, detached: detached.childElementCount };
  });

  assert.deepEqual(seen, { height: 0, message: "enough", left: 0, counts: [1, 1, 1], detached: 0 });
  assert.deepEqual(faults, []);
  await context.close();
});

test("a panel that is ended while it is being mounted leaves no connection, at whatever moment", async () => {
  const { token } = await servers.control("token", { backend: "analysis", user: ADA.name });
  const { page, context, faults } = await openPage(browser, `${servers.page}/demo.html`);
  const made = await page.evaluate(async (token) => {
    const { load, mount } = await import("./index.js");
    await load();
    const made = [];
    const Socket = globalThis.WebSocket;
    globalThis.WebSocket = class extends Socket {
      constructor(...given) {
        super(...given);
        made.push(this);
      }
    };
    globalThis.made = made;
    const server = { kind: "analysis", url: "/analysis", path: "/analysis/socket.io/" };
    // All that a mount does once it has its token is a few microtasks.
    for (let later = 0; later < 12; later += 1) {
      const ending = new AbortController();
      let give;
      const getToken = () => new Promise((resolve) => (give = resolve));
      const place = document.createElement("div");
      const mounting = mount(place, { server, mediaId: "m1", getToken, signal: ending.signal }).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve));
      give(token);
      for (let turn = 0; turn < later; turn += 1) await undefined;
      ending.abort();
      await mounting;
    }
    await mount(document.getElementById("first"), { server, mediaId: "m1", getToken: () => token });
    return made.length;
  }, token);
  await page.locator("#first").getByRole("button", { name: "Live", exact: true }).waitFor();
  const open = () => page.evaluate(() => globalThis.made.filter(({ readyState }) => readyState < 2).length);
  assert.equal(await open(), 1, `of ${made}`);
  assert.deepEqual(faults, []);
  await context.close();
});

test("what is null or empty is not given, and what is wrong is still named", async () => {
  const { page, context, faults } = await openPage(browser, `${servers.page}/demo.html`);
  const said = await page.evaluate(async () => {
    const { mount } = await import("./index.js");
    await import("./element.js");
    const common = { server: { kind: "analysis", url: "/analysis" }, mediaId: "m1" };
    const place = document.getElementById("second");
    const outcome = async (options) => {
      try {
        (await mount(place, { ...common, ...options })).unmount();
        return "";
      } catch (error) {
        return error.message;
      }
    };
    const element = document.createElement("telltale-progress");
    let failed = "";
    element.addEventListener("telltale-error", (event) => (failed += event.detail.message));
    for (const [name, value] of Object.entries({ "server-kind": "analysis", "server-url": "/analysis", lang: "" }))
      element.setAttribute(name, value);
    element.setAttribute("media-id", "m1");
    Object.assign(element, { getToken: null, strings: null, onCancel: null });
    document.getElementById("first").append(element);
    await new Promise((resolve) => {
      const there = () => element.querySelector("[data-telltale]")?.shadowRoot.querySelector(".widget > *");
      const look = () => (there() || failed ? resolve() : requestAnimationFrame(look));
      look();
    });
    return [
      await outcome({ token: null, getToken: null, onCancel: null, strings: null, lang: "" }),
      await outcome({ getToken: "secret" }),
      await outcome({ strings: [] }),
      await outcome({ lang: "not a language" }),
      failed,
    ];
  });
  assert.equal(said[0], "");
  assert.match(said[1], /`getToken` must be a function/);
  assert.match(said[2], /`strings` must be an object/);
  assert.match(said[3], /`lang` must be a language tag/);
  assert.equal(said[4], "");
  assert.deepEqual(faults, []);
  await context.close();
});

test("a token that is taken no more is asked for once, and its panel goes on", async () => {
  const { token } = await servers.control("token", { backend: "analysis", user: ADA.name });
  const media = await send(token, "renew.wav", tone(20_000));
  const { page, context, faults } = await openPage(browser, `${servers.page}/demo.html`);
  const mountWith = (given) =>
    page.evaluate(
      async ([given, mediaId]) => {
        const { mount } = await import("./index.js");
        globalThis.asked = 0;
        globalThis.given = given;
        // As slow as a page's own server is.
        const getToken = async () => {
          globalThis.asked += 1;
          if (globalThis.asked > 1) await new Promise((resolve) => setTimeout(resolve, 400));
          return globalThis.given;
        };
        const server = { kind: "analysis", url: "/analysis", path: "/analysis/socket.io/" };
        await mount(document.getElementById("first"), { server, mediaId, getToken });
      },
      [given, media],
    );
  const host = page.locator("#first [data-telltale]");
  const asked = () => page.evaluate(() => globalThis.asked);
  await mountWith(token);
  await host.getByRole("button", { name: "Live", exact: true }).waitFor();
  assert.equal(await asked(), 1);

  const expire = async () => {
    await servers.control("tokens", { backend: "analysis", expireAll: true });
    const lifeSeconds = 3600;
    const { token: next } = await servers.control("token", { backend: "analysis", user: ADA.name, lifeSeconds });
    return next;
  };
  const lose = () => servers.control("disconnect", { backend: "analysis", how: "tcp" });
  // Everything that it says meanwhile, seen or spoken.
  await page.evaluate(() => {
    globalThis.said = "";
    const root = document.querySelector("#first [data-telltale]").shadowRoot;
    const look = () => (globalThis.said += root.querySelector(".widget").innerText);
    new MutationObserver(look).observe(root, { childList: true, characterData: true, attributes: true, subtree: true });
  });
  const next = await expire();
  await page.evaluate((next) => (globalThis.given = next), next);
  await lose();
  await until(asked, (times) => times === 2);
  await host.getByRole("button", { name: "Live", exact: true }).waitFor();

  const said = await page.evaluate(() => globalThis.said);
  assert.match(said, /Reconnecting/);
  assert.doesNotMatch(said, /session|Sign in/, "of what nobody has to do nothing is said");

  await expire();
  await lose();
  await host.getByRole("button", { name: "Sign in", exact: true }).waitFor();
  assert.equal(await asked(), 3, "the same again is no reason to ask for ever");
  assert.deepEqual(faults, []);
  await context.close();
});

test("importing the elements where there is no page does nothing", async () => {
  await import("../../pkg/element.js");
});
