// The npm package in other pages: their styles, and the room that they leave.
import assert from "node:assert/strict";
import { test } from "node:test";
import { tone } from "../backend/samples.js";
import { ADA, alert, openPage, until } from "./harness.js";
import { browser, send, servers } from "./widget.js";

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
    const popover = page.locator("#first #conn + .beside > .popup");
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

for (const [file, options] of [
  ["style.css", {}],
  ["lang/de.json", { lang: "de" }],
])
  test(`a meeting whose ${file} never comes tells of its alerts all the same`, async () => {
    const { page, context, faults } = await openPage(browser, `${servers.page}/demo.html`);
    let answer;
    const answered = new Promise((resolve) => (answer = resolve));
    await context.route(`**/${file}`, async (route) => {
      await answered;
      // It may be waited for no longer.
      await route.continue().catch(() => {});
    });
    const meetingId = `hangs-${file.length}`;
    await page.evaluate(
      async ([meetingId, options]) => {
        const { mount } = await import("./index.js");
        const server = { kind: "meeting", url: "/meeting", path: "/meeting/socket.io/" };
        globalThis.told = [];
        const onAlert = ({ type }) => globalThis.told.push(type);
        await mount(document.getElementById("first"), { server, meetingId, onAlert, ...options });
      },
      [meetingId, options],
    );
    const host = page.locator("#first [data-telltale]");
    await host.getByRole("button", { name: "Live", exact: true }).waitFor();
    await alert(servers, meetingId, "critical", "voice_clone", "Listen");
    await until(
      () => page.evaluate(() => globalThis.told),
      (told) => told.join() === "voice_clone",
    );
    await host.getByText("Listen").first().waitFor();
    answer();
    // The look comes when it is there.
    await until(
      () => host.evaluate(({ shadowRoot }) => shadowRoot.querySelector("link").sheet !== null),
      (is) => is,
    );
    assert.deepEqual(faults, []);
    await context.close();
  });
