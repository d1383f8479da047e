// The demonstration in a browser: that its switches do what they say, and that nothing leaves the page.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openDemo, control, press } from "../a11y/page.js";
import { pill, rowSays, startBrowser, until, upload } from "../e2e/harness.js";
import { cells, LOOKS, visit } from "./gallery.js";
import { serveDemo } from "./serve.js";

const stage = {};
before(async () => {
  [stage.browser, stage.demo] = await Promise.all([startBrowser(), serveDemo()]);
});
after(() => Promise.all([stage.browser?.close(), stage.demo?.close()]));

/** Opens the demonstration; in the end nothing may have gone wrong with the page, and nothing but its files been asked for. */
async function open(t) {
  const opened = await openDemo(stage);
  t.after(async () => {
    const violations = await opened.page.evaluate(() => window.violations);
    await opened.context.close();
    assert.deepEqual([...opened.faults, ...violations], []);
    const files =
      /\/(|index\.html|(boot|demo)\.js|lang\/ar\.json|(style|demo)-\w+\.css|icon-\w+\.svg|telltale-demo-\w+\.(js|wasm))$/;
    assert.deepEqual(
      opened.urls.filter((url) => !url.startsWith(`${stage.demo.url}/`) || !files.test(new URL(url).pathname)),
      [],
    );
  });
  return opened.page;
}

const choose = (page, label, option) => control(page, (panel) => panel.getByLabel(label).selectOption(option));

test("whatever is lost, doubled, late and out of order, a run ends as the servers have it", async (t) => {
  const page = await open(t);
  await choose(page, "Speed of the servers", "Ten times as fast");
  await choose(page, "Lost events", "6 of 10");
  await choose(page, "Doubled events", "3 of 10");
  await choose(page, "Delay", "Half a second");
  await control(page, (panel) => panel.getByLabel("Events out of order").check());

  await upload(page, "chaos-partly.mp4", Buffer.alloc(5000, 1));

  await until(
    () => page.locator("ul.media > li", { hasText: "chaos-partly.mp4" }).allTextContents(),
    ([row]) => /Likely fake · 4 of 5 models/.test(row ?? ""),
    90_000,
  );
  await rowSays(page, "chaos-partly.mp4", "Partly complete");
});

test("each loss has its own word, and nothing goes wrong any more when that is chosen", async (t) => {
  const page = await open(t);
  for (const [button, word] of [
    ["Go offline", "Offline"],
    ["Stop the servers", "Reconnecting"],
    ["Turn everybody away", "Stopped"],
  ]) {
    await press(page, button);
    await pill(page, word, 60_000);
    await press(page, "Nothing goes wrong");
    await pill(page, "Live", 60_000);
  }
});

test("servers that answer no request leave the page with what it has, and the page says so", async (t) => {
  const page = await open(t);
  await press(page, "Fail requests");
  await press(page, "Stop the servers");
  await pill(page, "Reconnecting");
  await press(page, "Stop the servers");

  await page.getByText(/^Connected, but the current state could not be loaded/).waitFor({ timeout: 60_000 });
  assert.ok((await page.locator("ul.media > li").count()) >= 8);
  await press(page, "Nothing goes wrong");
  await pill(page, "Live", 60_000);
});

test("a score redraws the person whose it is and nobody else", async (t) => {
  const page = await open(t);
  await page.evaluate(() => (location.hash = "#/meeting/Meetings/demo"));
  const people = page.locator("ul.people > li");
  await until(
    () => people.count(),
    (count) => count === 4,
  );
  await page.evaluate(() => {
    window.redrawn = [];
    const note = (records) => {
      const elements = records.map(({ target }) =>
        target.nodeType === Node.ELEMENT_NODE ? target : target.parentElement,
      );
      const rows = elements.map((element) => element?.closest("ul.people > li"));
      window.redrawn.push(new Set(rows.filter(Boolean)).size);
    };
    const changes = { attributes: true, characterData: true, childList: true, subtree: true };
    new MutationObserver(note).observe(document.querySelector("ul.people"), changes);
  });
  await choose(page, "Speed of the servers", "Ten times as fast");
  // So that not everybody's score comes.
  await choose(page, "Lost events", "6 of 10");

  await until(
    () => page.evaluate(() => window.redrawn),
    (redrawn) => redrawn.includes(1),
    30_000,
  );
});

test("a meeting that nobody has pressed anything on says that no alert of it can be heard", async (t) => {
  const page = await open(t);
  // What a test evaluates is a press to the browser, and may come before the page has asked it.
  await page.addInitScript(() => {
    let hasBeenActive = false;
    addEventListener("keydown", () => (hasBeenActive = true), true);
    Object.defineProperty(navigator, "userActivation", { get: () => ({ hasBeenActive }) });
  });
  await page.reload();
  await page.evaluate(() => (location.hash = "#/meeting/Meetings/demo"));
  const blocked = page.getByText("Sound is blocked until you click or press a key.");
  await blocked.waitFor();

  await page.keyboard.press("Tab");
  await blocked.waitFor({ state: "hidden" });
});

test("two visits of a cell are the same picture", async (t) => {
  const page = await open(t);
  const all = await cells(page, stage.demo.url);
  const seen = ["panel/live", "list/live", "meeting/at-risk", "card/many", "banner/reconnecting"];
  const wanted = all.filter(({ component, state }) => seen.includes(`${component}/${state}`));
  assert.equal(wanted.length, seen.length);
  const photograph = async (cell) => {
    await visit(page, cell, LOOKS[0]);
    return page.screenshot();
  };
  for (const cell of wanted) {
    const first = await photograph(cell);
    await visit(page, all[0], LOOKS[1]);
    assert.ok(first.equals(await photograph(cell)), `${cell.name} differs`);
  }
});

test("no card cuts a verdict off, on a phone and in another language", async (t) => {
  const page = await open(t);
  const all = await cells(page, stage.demo.url);
  await page.setViewportSize({ width: 320, height: 700 });
  const wanted = all.filter(({ component }) => component === "card");
  for (const cell of wanted)
    for (const look of LOOKS) {
      await visit(page, cell, look);
      const titles = page.locator("#cell .toast > strong > bdi");
      const cut = await titles.evaluateAll((titles) =>
        titles
          .filter((it) => it.scrollHeight > it.clientHeight || it.scrollWidth > it.clientWidth)
          .map((it) => it.textContent),
      );
      assert.deepEqual(cut, [], `${cell.name} ${look.name}`);
      assert.ok((await titles.count()) > 0, cell.name);
    }
  assert.ok(wanted.length > 0);
});
