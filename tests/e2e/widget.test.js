// The npm package in a page of its own: plain HTML with loud styles, a strict policy, no Leptos and no Trunk.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { tone } from "../backend/samples.js";
import { ADA, alert, openPage, startBrowser, startServers, until } from "./harness.js";

const PACKAGE = fileURLToPath(new URL("../../pkg", import.meta.url));

let servers;
let browser;
before(async () => {
  [servers, browser] = await Promise.all([startServers("--dist", PACKAGE, "--pace", "0"), startBrowser()]);
});
after(async () => {
  await browser?.close();
  await servers?.stop();
});

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

test("a panel has the theme that its page asked for, whatever the page's rules say of every element", async () => {
  const { page, context } = await openPage(browser, `${servers.page}/demo.html`);
  for (const rule of ["all: unset", "all: unset !important", "color-scheme: light !important"]) {
    const scheme = await page.evaluate(async (rule) => {
      const { mount } = await import("./index.js");
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(`* { ${rule}; }`);
      document.adoptedStyleSheets = [sheet];
      const server = { kind: "analysis", url: "/analysis" };
      const place = document.getElementById("first");
      const panel = await mount(place, { server, mediaId: "m1", theme: "dark" });
      const view = place.querySelector("[data-telltale]").shadowRoot.querySelector(".embedded");
      const { colorScheme } = getComputedStyle(view);
      panel.unmount();
      return colorScheme;
    }, rule);
    assert.equal(scheme, "dark", rule);
  }
  await context.close();
});

test("a panel whose width comes from its content reads well, and none is wider than there is room", async () => {
  const { page, context, faults } = await openPage(browser, `${servers.page}/demo.html`);
  for (const [around, rules, words, width] of [
    ["div", "", 0, 900],
    ["div", "display: flex", 0, 320],
    ["div", "width: max-content", 0, 320],
    ["dialog", "width: fit-content", 0, 320],
    ["div", "display: flex", 400, 192],
    ["div", "display: flex; width: 240px", 0, 240],
    ["div", "display: grid; width: 200px", 0, 200],
  ]) {
    const measured = await page.evaluate(
      async ([around, rules, words]) => {
        const { mount } = await import("./index.js");
        const frame = document.createElement(around);
        frame.style.cssText = `width: 900px; padding: 0; border: 0; ${rules}`;
        const text = document.createElement("p");
        text.textContent = "word ".repeat(words);
        const place = document.createElement("div");
        frame.append(...(words ? [text, place] : [place]));
        document.body.append(frame);
        frame.showModal?.();
        const panel = await mount(place, { server: { kind: "analysis", url: "/analysis" }, mediaId: "m1" });
        const widget = place.querySelector("[data-telltale]").shadowRoot.querySelector(".widget");
        const { width } = widget.getBoundingClientRect();
        const over = frame.scrollWidth - frame.clientWidth;
        panel.unmount();
        frame.remove();
        return { width, over };
      },
      [around, rules, words],
    );
    assert.deepEqual(measured, { width, over: 0 }, `${around} { ${rules} } with ${words} words`);
  }
  assert.deepEqual(faults, []);
  await context.close();
});

test("in 240 px of a wide page nothing is cut and nothing sticks out, of a result and of a meeting", async () => {
  const { token } = await servers.control("token", { backend: "analysis", user: ADA.name });
  const media = await send(token, "interview.wav", tone(60_000));
  await servers.control("settings", { scenarioSpeed: 30 });
  const { page, context, faults } = await openPage(browser, `${servers.page}/demo.html`);
  await page.evaluate(
    async ([token, mediaId]) => {
      const { mount } = await import("./index.js");
      const [first, second] = ["first", "second"].map((id) => document.getElementById(id));
      first.style.width = second.style.width = "240px";
      const analysis = { kind: "analysis", url: "/analysis", path: "/analysis/socket.io/" };
      const meeting = { kind: "meeting", url: "/meeting", path: "/meeting/socket.io/" };
      await mount(first, { server: analysis, mediaId, token });
      await mount(second, { server: meeting, meetingId: "narrow" });
    },
    [token, media],
  );
  const [result, meeting] = ["#first", "#second"].map((id) => page.locator(`${id} [data-telltale]`));
  await result.getByRole("heading", { name: "Analysis complete" }).waitFor();
  await meeting.getByText("No one has joined yet.").waitFor();
  const body = JSON.stringify({ meetingId: "narrow" });
  const headers = { "Content-Type": "application/json" };
  await fetch(`${servers.page}/meeting/api/demo/scenario`, { method: "POST", headers, body });
  await meeting.getByText("Possible voice cloning detected").first().waitFor();
  await meeting.locator(".people .spark").first().waitFor();

  for (const [panel, rows] of [
    [result, ".votes > li"],
    [meeting, ".people > li"],
  ]) {
    const { wrong, names, pills } = await panel.evaluate((host, rows) => {
      const widget = host.shadowRoot.querySelector(".widget");
      const { left, right } = widget.getBoundingClientRect();
      const seen = [...widget.querySelectorAll("*")].filter(
        (element) => !element.closest(".sr, .popup, svg > *") && element.getClientRects().length > 0,
      );
      const isOut = (box) => box.left < left || box.right > right;
      const wrong = seen
        .filter((element) => isOut(element.getBoundingClientRect()) || element.scrollWidth > element.clientWidth + 1)
        .filter((element) => getComputedStyle(element).display !== "inline")
        .map((element) => `${element.localName}.${element.getAttribute("class")}: ${element.textContent.slice(0, 30)}`);
      const widths = (of) => seen.filter((element) => element.matches(of)).map(({ offsetWidth }) => offsetWidth);
      return { wrong, names: widths(`${rows} .name, .models .name`), pills: widths(`${rows} .pill`) };
    }, rows);
    assert.deepEqual(wrong, []);
    assert.ok(pills.length > 0);
    // Less would break the words of "container-structure".
    assert.ok(Math.min(...names) > 110, `names are ${names} px wide`);
  }
  assert.deepEqual(faults, []);
  await context.close();
});

test("the list of servers opens in the window and beside its pill, wherever that is and whichever way it is read", async () => {
  for (const [lang, width] of [
    ["en", 1280],
    ["ar", 1280],
    ["en", 320],
    ["ar", 320],
  ]) {
    const { page, context, faults } = await openPage(browser, `${servers.page}/demo.html`, { width, height: 640 });
    await page.evaluate(async (lang) => {
      const { mount } = await import("./index.js");
      const server = { kind: "analysis", url: "/analysis" };
      await mount(document.getElementById("first"), { server, mediaId: "m1", lang });
    }, lang);
    const pill = page.locator("#first #conn");
    const popover = page.locator("#first #conn + .popup");
    for (const place of ["left: 0; top: 0", "right: 0; bottom: 0", "left: 20%; top: 40%", "right: 0; top: 10%"]) {
      await page.evaluate((place) => {
        document.getElementById("first").style.cssText = `position: fixed; width: 240px; ${place}`;
      }, place);
      await pill.click();
      await popover.waitFor();
      const [of, box] = [await pill.boundingBox(), await popover.boundingBox()];
      const said = `${lang}, ${width} px, ${place}: the list is at ${JSON.stringify(box)}, the pill at ${JSON.stringify(of)}`;
      const isBelow = box.y >= of.y + of.height;
      const apart = isBelow ? box.y - of.y - of.height : of.y - box.y - box.height;
      assert.ok(apart >= 0 && apart < 9, said);
      assert.ok(box.x < of.x + of.width && of.x < box.x + box.width, said);
      assert.ok(box.x >= 0 && box.x + box.width <= width && box.y >= 0 && box.y + box.height <= 640, said);
      await page.keyboard.press("Escape");
      await popover.waitFor({ state: "hidden" });
    }
    assert.deepEqual(faults, []);
    await context.close();
  }
});

test("a panel is whole whatever its page says of every element in it, and hidden with the page's own element", async () => {
  const { page, context, faults } = await openPage(browser, `${servers.page}/demo.html`);
  await page.evaluate(async () => {
    const { mount } = await import("./index.js");
    globalThis.rules = new CSSStyleSheet();
    document.adoptedStyleSheets = [globalThis.rules];
    const place = document.getElementById("first");
    await mount(place, { server: { kind: "analysis", url: "/analysis" }, mediaId: "m1" });
  });
  const look = (rules) =>
    page.evaluate((rules) => {
      globalThis.rules.replaceSync(rules);
      const host = document.querySelector("#first > [data-telltale]");
      const widget = host.shadowRoot.querySelector(".widget");
      const looks = [];
      for (const [name, element, pseudo] of [
        ["host", host],
        ["before", host, "::before"],
        ["after", host, "::after"],
        ["widget", widget],
      ]) {
        const style = getComputedStyle(element, pseudo);
        for (const property of style)
          if (!/^(--|direction$|unicode-bidi$)/.test(property))
            looks.push(`${name} ${property}: ${style.getPropertyValue(property)}`);
      }
      const { x, width, height } = widget.getBoundingClientRect();
      return [...looks, `at ${x}, ${width} x ${height}`];
    }, rules);
  const plain = await look("");
  for (const rule of [
    "display: none",
    "display: flex; width: 10px; padding: 40px; border: 9px solid; background: red; float: left",
    "margin: 40px; max-width: 9px; height: 0; overflow: hidden; position: fixed; inset: 90px; columns: 3; zoom: 2",
    "opacity: 0; visibility: hidden; filter: blur(9px); transform: scale(0.1); clip-path: inset(50%); contain: strict",
    "color: red; font: 40px serif; text-align: end; line-height: 9; letter-spacing: 9px; writing-mode: vertical-rl",
    "content: 'x'; display: block; padding: 40px; pointer-events: none; animation: none 9s; cursor: wait",
    "all: unset",
  ])
    for (const weight of ["", " !important"])
      for (const pseudo of ["", "::before", "::after"]) {
        const rules = `#first *${pseudo} { ${rule.replaceAll(";", `${weight};`)}${weight} }`;
        const now = await look(rules);
        assert.deepEqual(
          now.filter((said, at) => said !== plain[at]),
          [],
          rules,
        );
      }

  await look("#first { display: flex }");
  const panel = page.locator("#first section.embedded");
  const room = await page.locator("#first").boundingBox();
  assert.equal((await page.locator("#first .widget").boundingBox()).width, room.width);
  assert.ok(await panel.isVisible());
  await look("#first { visibility: hidden }");
  assert.ok(!(await panel.isVisible()));
  await look("#first { pointer-events: none }");
  assert.equal(await panel.evaluate((element) => getComputedStyle(element).pointerEvents), "none");
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
    // The mount has begun and waits for its stylesheet, which takes longer than any promise.
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
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
        const getToken = () => (globalThis.asked++, globalThis.given);
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
  const next = await expire();
  await page.evaluate((next) => (globalThis.given = next), next);
  await lose();
  await until(asked, (times) => times === 2);
  await host.getByRole("button", { name: "Live", exact: true }).waitFor();

  await expire();
  await lose();
  await host.getByRole("button", { name: "Sign in", exact: true }).waitFor();
  assert.equal(await asked(), 3, "the same again is no reason to ask for ever");
  assert.deepEqual(faults, []);
  await context.close();
});

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
  await mount(page, "first", { mediaId: "not-yet-there", token });
  const host = page.locator("#first [data-telltale]");
  const unknown = host.getByRole("heading", { name: "Nothing is known of this item" });
  await unknown.waitFor();
  await host.getByText("Live", { exact: true }).first().waitFor();
  assert.equal(await host.getByText("Waiting for the server to start.").count(), 0);

  const now = new Date().toISOString();
  const row = { id: "not-yet-there", filename: "late.wav", status: "QUEUED", mediaType: "AUDIO", createdAt: now };
  const args = [{ ...row, updatedAt: now, analysisRuns: [] }];
  await servers.control("emit", { backend: "analysis", event: "media_update", args, to: { user: ADA.name } });
  await host.getByText("late.wav").first().waitFor();
  await unknown.waitFor({ state: "hidden" });
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
  await banner.getByText("The server cannot be reached.").waitFor();
  await banner.getByRole("button", { name: "Retry now" }).waitFor();
  await host.getByRole("heading", { name: "Not loaded yet" }).waitFor();
  for (const untrue of ["Connection lost", "Progress may be out of date.", "Reconnecting", "Waiting for the server"])
    assert.equal(await host.getByText(untrue).filter({ visible: true }).count(), 0, untrue);
  assert.deepEqual(faults, []);
  await context.close();
});

// The last tests: the analyses that they cancel go on at the server, which has no call for that.
test("a page that can cancel an analysis is asked to once, and nothing is cancelled before the server says so", async () => {
  const { token, media, page, context, faults } = await analysing("long.wav");
  await page.evaluate(
    async ([token, mediaId]) => {
      const { mount } = await import("./index.js");
      const server = { kind: "analysis", url: "/analysis", path: "/analysis/socket.io/" };
      const [first, second] = ["first", "second"].map((id) => document.getElementById(id));
      globalThis.calls = [];
      const onCancel = (id) => new Promise((_, reject) => globalThis.calls.push({ id, reject }));
      globalThis.panels = await Promise.all([
        mount(first, { server, mediaId, token, onCancel }),
        mount(second, { server, mediaId, token }),
      ]);
    },
    [token, media],
  );
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

for (const isAsked of [true, false]) {
  const what = isAsked ? "question" : "button";
  test(`a ${what} to cancel that the run does not wait for goes, and the focus stays in the panel`, async () => {
    const { token, media, page, context, faults } = await analysing(`${what}.wav`);
    await page.evaluate(
      async ([token, mediaId]) => {
        const { mount } = await import("./index.js");
        const server = { kind: "analysis", url: "/analysis", path: "/analysis/socket.io/" };
        await mount(document.getElementById("first"), { server, mediaId, token, onCancel() {} });
      },
      [token, media],
    );
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
  await page.evaluate(
    async ([token, mediaId]) => {
      const { mount } = await import("./index.js");
      const server = { kind: "analysis", url: "/analysis", path: "/analysis/socket.io/" };
      globalThis.rejects = [];
      const onCancel = () => new Promise((_, reject) => globalThis.rejects.push(reject));
      await mount(document.getElementById("first"), { server, mediaId, token, onCancel });
    },
    [token, media],
  );
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

/** Mounts a panel, of the analysis server if the options name no other; the page keeps its handle as `panel`. */
async function mount(page, id, options) {
  const server = { kind: "analysis", url: "/analysis", path: "/analysis/socket.io/" };
  await page.evaluate(
    async ([id, options]) => {
      const { mount } = await import("./index.js");
      globalThis.panel = await mount(document.getElementById(id), options);
    },
    [id, { server, ...options }],
  );
}

/** Notes from now on each overall percentage that a panel shows, however short. @returns {Promise<() => Promise<number[]>>} */
async function note(page, id) {
  await page.evaluate((id) => {
    const noted = (globalThis.noted = []);
    const root = document.querySelector(`#${id} [data-telltale]`).shadowRoot;
    const look = () => {
      const bar = root.querySelector("[role=progressbar]");
      const now = bar && !bar.closest("[hidden]") ? Number(bar.getAttribute("aria-valuenow")) : undefined;
      if (now !== undefined && now !== noted.at(-1)) noted.push(now);
    };
    look();
    new MutationObserver(look).observe(root, { attributes: true, childList: true, characterData: true, subtree: true });
  }, id);
  return () => page.evaluate(() => globalThis.noted);
}

/** How many models the server runs on a sound. */
async function audioModels(token) {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${servers.page}/analysis/api/v1/monitoring/server-status`, { headers });
  return (await response.json()).data.models_info.filter(({ isAudio }) => isAudio).length;
}

/** A page without a panel, and a media of which the analysis takes long. */
async function analysing(name) {
  const { token } = await servers.control("token", { backend: "analysis", user: ADA.name });
  await servers.control("settings", { pace: 2000 });
  const media = await send(token, name, tone(60_000));
  return { token, media, ...(await openPage(browser, `${servers.page}/demo.html`)) };
}

/** Has the server say of a media that its analysis was cancelled. */
async function sayCancelled(media) {
  const [row] = (await servers.media()).filter(({ id }) => id === media);
  const runs = row.analysisRuns.map((run) => ({ ...run, status: "CANCELLED" }));
  const args = [{ ...row, status: "CANCELLED", analysisRuns: runs }];
  await servers.control("emit", { backend: "analysis", event: "media_update", args, to: { user: ADA.name } });
}

/** Uploads a file as the page of somebody else would, and gives back its id. */
async function send(token, name, content) {
  const form = new FormData();
  form.append("media", new Blob([content]), name);
  const response = await fetch(`${servers.page}/analysis/api/v1/media`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: form,
  });
  assert.equal(response.status, 202);
  return (await response.json()).data.id;
}

/** Has a media analysed once more. */
async function again(token, media) {
  const response = await fetch(`${servers.page}/analysis/api/v1/media/${media}/analyze`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
  });
  assert.equal(response.status, 202);
}

/** How many Socket.IO connections the server has. */
async function sockets() {
  const state = await servers.control("state");
  return state.analysis.sockets;
}
