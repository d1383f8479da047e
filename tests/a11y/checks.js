// What axe cannot see: what is said and how often, where the focus is, and that everything goes without a pointer.
//
// Each check opens the demonstration anew and gives back what it measured.
import assert from "node:assert/strict";
import { pill, startBrowser, until, upload } from "../e2e/harness.js";
import { control, FLOOD, flood, focused, hear, openDemo, press, putAwayCards } from "./page.js";
import { stops, tabTo } from "./stops.js";
import { WIDTHS } from "../demo/gallery.js";

/** Progress events of the flood: five models, and a fourth of each attempt that fails besides. */
const FLOOD_EVENTS = 1200;
/** The most sentences that these may bring. */
const MOST_SAID = 6;
/** Cumulative layout shift that is called good. */
const MOST_SHIFT = 0.1;
/** How long the flood takes at its own pace, and more. */
const FLOOD_MS = 150_000;
/** The spacing of WCAG 1.4.12. */
const SPACING =
  "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } " +
  "p { margin-block-end: 2em !important }";

const check = (name, run, { switches, ...options } = {}) => ({
  name,
  async run(stage) {
    const browser = switches && (await startBrowser(...switches));
    let opened;
    try {
      opened = await openDemo(browser ? { ...stage, browser } : stage, options);
      const said = await run(opened.page, stage);
      const violations = await opened.page.evaluate(() => window.violations);
      assert.deepEqual([...opened.faults, ...violations], []);
      return said;
    } finally {
      await opened?.context.close();
      await browser?.close();
    }
  },
});

/** Goes to each page with much on it, at these widths; `put` has the page follow some rules of CSS. */
async function* crowded(page, widths = WIDTHS) {
  const put = (rules) =>
    page.evaluate((rules) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(rules);
      document.adoptedStyleSheets = [sheet];
    }, rules);
  await flood(page);
  await upload(page, "a-file-of-which-nothing-is-left.wav", Buffer.alloc(0));
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 });
    for (const address of ["#/media", "#/media/Analysis/med-7", "#/media/Analysis/med-2", "#/meeting/Meetings/demo"]) {
      await page.evaluate((address) => (location.hash = address), address);
      await page.locator("main h1").waitFor();
      yield [`${address} at ${width}`, put];
    }
  }
}

/** Sees that no text is cut off and that the page does not scroll sideways. */
async function fits(page, place) {
  assert.deepEqual(await page.evaluate(clipped), [], place);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, `${place} scrolls ${wide} pixels sideways`);
}

const link = (page, name) => page.getByRole("link", { name });
const card = (page) => page.locator(".toast", { hasText: FLOOD });

/** Ten times as fast, and nothing at work: what is measured from now on is the flood's. */
async function quiet(page) {
  await control(page, (panel) => panel.getByLabel("Speed of the servers").selectOption("Ten times as fast"));
  await until(
    () => page.locator("main .count").first().textContent(),
    (text) => /\d items/.test(text) && !/analyzing|queued/.test(text),
    60_000,
  );
  // What these had to say is said: the announcer leaves a second and a half between sentences.
  const heard = await hear(page);
  let before = -1;
  await until(
    async () => {
      const now = (await heard()).length;
      const rests = now === before;
      before = now;
      await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 4000)));
      return rests;
    },
    Boolean,
    60_000,
  );
}

/** Notes from now on how much is drawn, moved and put on cards. */
async function measure(page) {
  await page.evaluate(() => {
    const measured = (window.measured = { frames: 0, shift: 0, cards: 0, focus: new Set() });
    let isNoted = false;
    new MutationObserver(() => {
      measured.cards = Math.max(measured.cards, document.querySelectorAll(".toast").length);
      if (isNoted) return;
      isNoted = true;
      requestAnimationFrame(() => {
        measured.frames += 1;
        isNoted = false;
      });
    }).observe(document.body, { attributes: true, characterData: true, childList: true, subtree: true });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) measured.shift += entry.value;
    }).observe({ type: "layout-shift" });
    for (const event of ["focusin", "focusout"])
      document.addEventListener(event, ({ target }) => measured.focus.add(`${event} ${target.tagName}`));
  });
  return () => page.evaluate(() => ({ ...window.measured, focus: [...window.measured.focus] }));
}

async function floodEnds(page) {
  await until(
    () => card(page).textContent(),
    (text) => /Partly complete/.test(text),
    FLOOD_MS,
  );
}

/** Every element that cuts its own content off from below. */
function clipped() {
  return [...document.querySelectorAll("#app *")]
    .filter((element) => element.checkVisibility() && element.clientHeight > 0 && element.textContent.trim() !== "")
    .filter((element) => {
      const { overflowY, clipPath } = getComputedStyle(element);
      // What is there for screen readers alone is cut away on purpose.
      return ["hidden", "clip"].includes(overflowY) && clipPath === "none";
    })
    .filter(
      (element) =>
        element.scrollHeight > element.clientHeight + 1 ||
        // A long name is whole in its title; a word of ours is whole or nothing.
        (element.closest(".pill") && element.scrollWidth > element.clientWidth + 1),
    )
    .map((element) => `${element.tagName}.${element.className}: ${element.textContent.trim().slice(0, 60)}`);
}

export const CHECKS = [
  check("both live regions are there, apart and empty, before anything is said", async (page, { demo }) => {
    await page.addInitScript(() => {
      window.born = [];
      new MutationObserver(() => {
        for (const id of ["polite", "assertive"]) {
          const region = document.getElementById(id);
          if (region && !window.born.some((born) => born.id === id))
            window.born.push({ id, text: region.textContent.trim(), live: region.getAttribute("aria-live") });
        }
      }).observe(document, { childList: true, subtree: true });
    });
    await page.goto(`${demo.url}/?again#/media`);
    await pill(page, "Live");
    assert.deepEqual(await page.evaluate(() => window.born), [
      { id: "polite", text: "", live: "polite" },
      { id: "assertive", text: "", live: "assertive" },
    ]);
  }),

  check("1,200 events ten times as fast are one card, few sentences and fewer drawings", async (page) => {
    await quiet(page);
    await putAwayCards(page);
    const [heard, measured] = [await hear(page), await measure(page)];
    await flood(page);
    await floodEnds(page);
    const [said, { frames, shift, cards }] = [await heard(), await measured()];
    assert.ok(said.length <= MOST_SAID, `${said.length} sentences: ${said.join(" | ")}`);
    assert.equal(cards, 1);
    assert.ok(frames <= FLOOD_EVENTS / 2, `${frames} drawings`);
    assert.ok(shift < MOST_SHIFT, `layout shift ${shift}`);
    return `${said.length} sentences, ${frames} drawings, layout shift ${shift.toFixed(4)}`;
  }),

  check(
    "over a minute of events nothing takes the focus, and at their own pace six sentences are enough",
    async (page) => {
      await quiet(page);
      await control(page, (panel) => panel.getByLabel("Speed of the servers").selectOption("As it is"));
      const search = page.getByLabel("Search");
      const heard = await hear(page);
      await flood(page);
      await search.focus();
      const measured = await measure(page);
      await floodEnds(page);
      const [said, { focus }] = [await heard(), await measured()];
      assert.deepEqual(focus, []);
      await focused(page, search);
      assert.ok(said.length <= MOST_SAID, `${said.length} sentences: ${said.join(" | ")}`);
      return `${said.length} sentences`;
    },
  ),

  check("a loss and the return from it are said once each, and pill and banner never disagree", async (page) => {
    const heard = await hear(page);
    await page.evaluate(() => {
      window.disagreed = [];
      const look = () => {
        const banner = document.getElementById("banner");
        const isLost = banner.checkVisibility() && !/Reconnected/.test(banner.textContent);
        const pill = document.getElementById("conn").textContent.trim();
        if (isLost && /^Live/.test(pill)) window.disagreed.push(pill);
      };
      new MutationObserver(look).observe(document.body, {
        attributes: true,
        childList: true,
        characterData: true,
        subtree: true,
      });
    });
    await press(page, "Stop the servers");
    await until(() => page.locator("#banner").isVisible());
    await until(heard, (said) => said.some((text) => /Connection lost/.test(text)));
    await press(page, "Stop the servers");
    await pill(page, "Live", 60_000);
    await until(heard, (said) => said.some((text) => /Reconnected/.test(text)));
    const said = await heard();
    for (const words of [/Connection lost/, /Reconnected/])
      assert.equal(said.filter((text) => words.test(text)).length, 1, said.join(" | "));
    assert.deepEqual(await page.evaluate(() => window.disagreed), []);
  }),

  check("Alt+T goes to the newest card and back, Escape puts it away and gives the focus back", async (page) => {
    await flood(page);
    const search = page.getByLabel("Search");
    await search.focus();
    await page.keyboard.press("Alt+KeyT");
    await focused(page, page.locator(".toast").first());
    await page.keyboard.press("Alt+KeyT");
    await focused(page, search);
    await putAwayCards(page);
    await focused(page, search);
  }),

  ...WIDTHS.map((width) =>
    check(
      `every stop of the Tab key is in sight, has a ring of two pixels and is 24 high, at ${width}`,
      async (page) => {
        await flood(page);
        let count = 0;
        for (const address of ["#/media", "#/media/Analysis/med-7", "#/meetings", "#/meeting/Meetings/demo"]) {
          await page.evaluate((address) => (location.hash = address), address);
          // Its page takes the focus when it is drawn, which would end the walk.
          await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
          if (/demo/.test(address)) await page.getByRole("meter").first().waitFor();
          await page.evaluate(() => document.activeElement?.blur());
          const found = await stops(page);
          assert.ok(found.length > 6, `${found.length} stops on ${address}`);
          assert.deepEqual(
            found.filter(({ ring, inSight, size }) => ring < 2 || !inSight || size < 24),
            [],
            address,
          );
          count += found.length;
        }
        return `${count} stops`;
      },
      { width, height: 800 },
    ),
  ),

  check("with the text spaced as WCAG 1.4.12 has it nothing is cut off and nothing scrolls sideways", async (page) => {
    for await (const [place, put] of crowded(page)) {
      await put(SPACING);
      await fits(page, place);
      await put("");
    }
  }),

  // Chosen in the browser's settings, as people do who need it everywhere. A page of 320 with letters of twice the size
  // would be one of 160.
  ...[
    [2, WIDTHS.filter((width) => width > 640)],
    [1.5, WIDTHS],
  ].map(([times, widths]) =>
    check(
      `with letters of ${times} times the size (WCAG 1.4.4) nothing is cut off and nothing scrolls sideways`,
      async (page) => {
        for await (const [place] of crowded(page, widths)) {
          const title = page.locator("main h1");
          assert.equal(await title.evaluate((title) => getComputedStyle(title).fontSize), `${24 * times}px`);
          await fits(page, place);
        }
      },
      { switches: [`--blink-settings=defaultFontSize=${16 * times}`] },
    ),
  ),

  check("where less motion is wished for, nothing moves", async (page) => {
    await flood(page);
    const moving = await page.evaluate(() =>
      [...document.querySelectorAll("*")]
        .filter((element) => {
          const { transitionDuration, animationName, animationDuration } = getComputedStyle(element);
          const moves = (durations) => durations.split(",").some((duration) => Number.parseFloat(duration) > 0.001);
          return moves(transitionDuration) || (animationName !== "none" && moves(animationDuration));
        })
        .map((element) => `${element.tagName}.${element.className}`),
    );
    assert.deepEqual(moving, []);
    assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
  }),

  check(
    "in forced colours a bar's part differs from its ground and a control from the page",
    async (page) => {
      await flood(page);
      await page.evaluate(() => (location.hash = "#/media/Analysis/med-7"));
      const bar = page.getByRole("progressbar");
      await bar.waitFor();
      const { part, ground, edge } = await bar.evaluate((bar) => ({
        part: getComputedStyle(bar.firstElementChild).backgroundColor,
        ground: getComputedStyle(bar).backgroundColor,
        edge: Number.parseFloat(getComputedStyle(bar).borderTopWidth),
      }));
      assert.notEqual(part, ground);
      assert.ok(edge >= 1, "a bar has an edge");
      for (const button of await page.getByRole("button").all()) {
        if (!(await button.isVisible())) continue;
        const {
          border,
          back,
          page: behind,
          name,
        } = await button.evaluate((button) => ({
          border: getComputedStyle(button).borderTopColor,
          back: getComputedStyle(button).backgroundColor,
          page: getComputedStyle(document.body).backgroundColor,
          name: button.textContent.trim() || button.getAttribute("aria-label"),
        }));
        assert.ok(border !== behind || back !== behind, `${name} has neither edge nor ground`);
      }
    },
    { forcedColors: "active" },
  ),

  check("an urgent alert is said at once, and what is only progress never is", async (page) => {
    await control(page, (panel) => panel.getByLabel("Speed of the servers").selectOption("Ten times as fast"));
    await page.evaluate(() => {
      window.urgent = [];
      const region = document.getElementById("assertive");
      const note = () => region.textContent.trim() && window.urgent.push(region.textContent.trim());
      new MutationObserver(note).observe(region, { childList: true, characterData: true, subtree: true });
    });
    await flood(page);
    await page.evaluate(() => (location.hash = "#/meeting/Meetings/demo"));
    await until(
      () => page.evaluate(() => window.urgent),
      (said) => said.length > 0,
      30_000,
    );
    for (const text of await page.evaluate(() => window.urgent)) assert.match(text, /^(High|Critical) alert:/);
  }),

  check("without a pointer: sign out, be refused, sign in", async (page) => {
    await tabTo(page, page.getByRole("button", { name: "Settings" }));
    await page.keyboard.press("Enter");
    await tabTo(page, page.getByRole("button", { name: "Sign out" }));
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    for (const password of ["wrong", "right"]) {
      await tabTo(page, page.getByLabel(/e-?mail/i));
      await page.keyboard.press("Control+A");
      await page.keyboard.type("ada@demo.invalid");
      await tabTo(page, page.getByLabel("Password"));
      await page.keyboard.type(password);
      await page.keyboard.press("Enter");
      if (password === "wrong") {
        await page.getByText(/password is wrong/).waitFor();
        await focused(page, page.getByLabel("Password"));
      }
    }
    await focused(page, page.getByRole("heading", { name: "Media", exact: true }));
  }),

  check("without a pointer: find an item, open it, have it analysed again, go back to where one was", async (page) => {
    await tabTo(page, page.getByLabel("Search"));
    await page.keyboard.type("call-recording");
    await until(
      () => page.locator("ul.media > li").count(),
      (count) => count === 1,
    );
    await tabTo(page, link(page, "call-recording-partly.wav"));
    await page.keyboard.press("Enter");
    await focused(page, page.getByRole("heading", { name: "call-recording-partly.wav" }));
    await tabTo(page, page.getByRole("button", { name: "Analyze again" }));
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: /Analysis in progress|Queued/ }).waitFor();
    await tabTo(page, page.getByRole("navigation", { name: "Path" }).getByRole("link", { name: "Media" }));
    await page.keyboard.press("Enter");
    await focused(page, link(page, "call-recording-partly.wav"));
  }),

  check("without a pointer: upload a file, open its card's models, view its page", async (page) => {
    const chooser = page.waitForEvent("filechooser");
    await tabTo(page, page.getByRole("button", { name: "Upload a file" }));
    await page.keyboard.press("Enter");
    await (await chooser).setFiles({ name: "keys.mp4", mimeType: "video/mp4", buffer: Buffer.alloc(20_000, 7) });
    const toast = page.locator(".toast", { hasText: "keys.mp4" });
    await toast.waitFor();
    await page.keyboard.press("Alt+KeyT");
    await tabTo(page, toast.getByRole("button", { name: /^Show details/ }));
    await page.keyboard.press("Enter");
    await toast.locator("ul.models > li").first().waitFor();
    await tabTo(page, link(page, "keys.mp4").first());
    await page.keyboard.press("Enter");
    await focused(page, page.getByRole("heading", { name: "keys.mp4" }));
  }),

  check("without a pointer: join a meeting, acknowledge an alert and take it back, leave", async (page) => {
    await control(page, (panel) => panel.getByLabel("Speed of the servers").selectOption("Ten times as fast"));
    await tabTo(page, link(page, "Meetings"));
    await page.keyboard.press("Enter");
    await tabTo(page, page.getByLabel("Meeting id"));
    await page.keyboard.type("keys");
    await page.keyboard.press("Enter");
    const alert = page.locator("ol.alerts > li").last();
    await tabTo(page, alert.getByRole("button", { name: "Acknowledge" }));
    await page.keyboard.press("Enter");
    await tabTo(page, page.locator("ol.alerts").getByRole("button", { name: "Undo" }).first());
    await page.keyboard.press("Enter");
    await tabTo(page, page.getByRole("button", { name: "Leave", exact: true }));
    await page.keyboard.press("Enter");
    await focused(page, page.getByRole("button", { name: "Join again", exact: true }));
  }),

  check("without a pointer: retry after a loss, choose a theme, see which server it is", async (page) => {
    await press(page, "Stop the servers");
    const retry = page.getByRole("button", { name: "Retry now" });
    await tabTo(page, retry);
    await page.keyboard.press("Enter");
    await press(page, "Stop the servers");
    await pill(page, "Live", 60_000);
    await tabTo(page, page.locator("#conn"));
    await page.keyboard.press("Enter");
    await page.getByRole("region", { name: "Servers" }).waitFor();
    await page.keyboard.press("Escape");
    await focused(page, page.locator("#conn"));
    await tabTo(page, page.getByRole("button", { name: "Settings" }));
    await page.keyboard.press("Enter");
    const theme = page.getByRole("group", { name: "Theme" });
    await tabTo(page, theme.getByRole("radio", { checked: true }));
    for (let press = 0; press < 3; press += 1) {
      await page.keyboard.press("ArrowDown");
      if (await theme.getByRole("radio", { name: "Dark" }).isChecked()) break;
    }
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
  }),

  check("when the session ends the dialog takes the focus, and gives it back", async (page) => {
    await press(page, "Expire the token");
    const again = page.locator("#banner").getByRole("button", { name: "Sign in" });
    await until(() => again.isVisible(), Boolean, 30_000);
    await tabTo(page, again);
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "Sign in again" });
    await dialog.waitFor();
    assert.ok(await dialog.evaluate((dialog) => dialog.contains(document.activeElement)));
    for (let stop = 0; stop < 8; stop += 1) {
      await page.keyboard.press("Tab");
      const where = await page.evaluate(() => document.activeElement?.closest("dialog, body")?.tagName);
      assert.notEqual(where === "BODY" && (await page.evaluate(() => document.activeElement !== document.body)), true);
    }
    await page.keyboard.press("Escape");
    await focused(page, again);
  }),
];
