// The list of media as people use it: found, filtered and ordered by its address, still while one reads, and as quick
// with 5,000 media as with five.
import assert from "node:assert/strict";
import { test } from "node:test";
import { violations } from "../a11y/axe.js";
import { AXE, pill, row, rowSays, signIn, stage, until, watch } from "./harness.js";
import { Shelf } from "./shelf.js";

const it = stage();

/** A page that is signed in and shows this shelf, and what its sockets have `heard`. */
async function enter(t, shelf, { at = "", ...settings } = {}) {
  const opened = await it.open(t, settings);
  const frames = [];
  opened.page.on("websocket", (socket) => socket.on("framereceived", ({ payload }) => frames.push(String(payload))));
  await shelf.serve(opened.context);
  await opened.page.goto(`${it.servers.page}/${at}`);
  await signIn(opened.page);
  await pill(opened.page, "Live");
  return { ...opened, heard: () => frames };
}

test("what was not loaded yet is not counted", async (t) => {
  const { page, context } = await it.open(t);
  let answer;
  const answered = new Promise((resolve) => (answer = resolve));
  await context.route("**/analysis/api/v1/media", async (route) => {
    await answered;
    await route.fulfill({ json: { success: true, data: [] } });
  });
  await page.goto(it.servers.page);
  await signIn(page);
  const all = page.getByRole("group", { name: "Status" }).locator("label", { hasText: "All" });
  await all.waitFor();
  const shown = await watch(page, "fieldset.chips label:first-of-type .number");
  // Only this server's list is missing any more.
  await pill(page, "Live, catching up");
  assert.deepEqual(await shown(), ["–"]);
  answer();
  await until(shown, (numbers) => numbers.at(-1) === "0");
  assert.deepEqual(await shown(), ["–", "0"]);
});

test("a list that never came says why, and offers to try again only what can be tried", async (t) => {
  const { page, context } = await it.open(t);
  const missing = page.getByRole("heading", { name: "Could not load media." });
  const why = page.locator("section.card.empty p");
  const again = page.getByRole("button", { name: "Try again" });
  const refuse = (status) => (route) => route.fulfill({ status, json: { success: false, message: "Refused" } });
  for (const [address, status, said, canRetry] of [
    ["**/analysis/api/v1/auth/login", 401, "Nobody is signed in here.", false],
    ["**/analysis/api/v1/media", 500, "The server's state could not be loaded.", true],
  ]) {
    await context.route(address, refuse(status));
    await page.goto("about:blank");
    await page.goto(it.servers.page);
    await signIn(page);
    await missing.waitFor();
    await until(
      () => why.textContent(),
      (text) => text === said,
    );
    assert.equal(await again.isVisible(), canRetry, said);
    await context.unroute(address);
  }
  // It came after all.
  await again.click();
  await missing.waitFor({ state: "detached" });
});

test("search, filters and order stand in the address, and Back undoes them", async (t) => {
  const shelf = new Shelf(12, (at) => ["real", "fake", "failed"][at % 3]);
  const { page } = await enter(t, shelf);
  await counted(page, "12 items");
  assert.deepEqual((await names(page)).slice(0, 2), ["clip 0.mp4", "clip 1.mp4"]);
  const chips = await page.getByRole("group", { name: "Status" }).getByRole("radio").count();
  assert.equal(chips, 6);

  await page.getByRole("radio", { name: "Failed 4" }).check();
  await counted(page, "4 of 12 items");
  assert.equal(hash(page), "#/media?status=failed");
  await page.getByLabel("Sort by").selectOption("Name");
  assert.equal(hash(page), "#/media?status=failed&sort=name");
  assert.deepEqual(await names(page), ["clip 2.mp4", "clip 5.mp4", "clip 8.mp4", "clip 11.mp4"]);

  await page.goBack();
  await page.goBack();
  await counted(page, "12 items");
  assert.ok(await page.getByRole("radio", { name: "All 12" }).isChecked());
  await page.goForward();
  await counted(page, "4 of 12 items");

  await page.getByRole("radio", { name: "All 12" }).check();
  await page.getByLabel("Result").selectOption("Likely fake");
  await page.getByLabel("Search").pressSequentially("CLIP 1");
  await counted(page, "2 of 12 items");
  assert.deepEqual(await names(page), ["clip 1.mp4", "clip 10.mp4"]);
  await until(
    () => hash(page),
    (hash) => hash === "#/media?q=CLIP%201&result=fake",
  );
  await page.goBack();
  // Typing is one step with what was there before it.
  assert.equal(hash(page), "#/media");
  await page.goForward();
  await counted(page, "2 of 12 items");
  assert.equal(await page.getByLabel("Search").inputValue(), "CLIP 1");
  await until(
    () => page.locator(".tools [role=status]").textContent(),
    (said) => said === "2 items",
  );

  await page.getByLabel("Search").fill("no such name");
  await page.getByRole("heading", { name: "No items match these filters." }).waitFor();
  await page.locator("section").getByRole("button", { name: "Clear filters" }).click();
  await counted(page, "12 items");
  assert.equal(hash(page), "#/media");
  assert.equal(await page.getByLabel("Search").inputValue(), "");
});

test("the address follows what is typed once a second, and at once when the field is left", async (t) => {
  const { page } = await enter(t, new Shelf(3, () => "real"));
  await counted(page, "3 items");
  const search = page.getByLabel("Search");
  const began = await page.evaluate(() => {
    const { replaceState } = history;
    window.replaced = 0;
    history.replaceState = function (...given) {
      window.replaced++;
      return replaceState.apply(this, given);
    };
    return performance.now();
  });
  for (let time = 0; time < 5; time++) {
    await search.pressSequentially("clip 1.mp4");
    await counted(page, "1 of 3 items");
    for (let letter = 0; letter < 10; letter++) await search.press("Backspace");
  }
  await search.pressSequentially("clip 1.m");
  await page.getByRole("link", { name: "clip 1.mp4" }).click();
  const { written, ended } = await page.evaluate(() => ({ written: window.replaced, ended: performance.now() }));
  // One at once, one with each second, and the last.
  assert.ok(written <= 2 + Math.ceil((ended - began) / 1000), `${written} in ${ended - began} ms`);

  await page.locator("main section.panel").waitFor();
  await page.goBack();
  await counted(page, "1 of 3 items");
  assert.equal(await search.inputValue(), "clip 1.m");
  assert.equal(hash(page), "#/media?q=clip%201.m");
});

test("an address that was sent shows what it says", async (t) => {
  const shelf = new Shelf(12, (at) => ["real", "fake", "failed"][at % 3]);
  const { page } = await enter(t, shelf, { at: "#/media?q=clip%201&status=complete&result=fake&sort=name" });
  await counted(page, "2 of 12 items");
  assert.deepEqual(await names(page), ["clip 1.mp4", "clip 10.mp4"]);
  assert.equal(await page.getByLabel("Search").inputValue(), "clip 1");
  assert.equal(await page.getByLabel("Result").inputValue(), "0");
  assert.ok(await page.getByRole("radio", { name: "Complete 2" }).isChecked());

  await page.goto(`${it.servers.page}/#/media?status=nonsense`);
  await counted(page, "12 items");
});

test("what is new waits while one reads, and comes in at the top", async (t) => {
  const shelf = new Shelf(260);
  const { page } = await enter(t, shelf);
  await counted(page, "260 items");
  await shelf.tell(it.servers, shelf.add("at the top.mp4", "real"));
  await row(page, "at the top.mp4").waitFor();
  const news = page.getByRole("button", { name: /new item/ });
  assert.equal(await news.count(), 0);

  await scrollTo(page, 9000);
  const read = await firstInSight(page);
  await shelf.tell(it.servers, shelf.add("second.mp4", "real"));
  await news.getByText("1 new item", { exact: true }).waitFor();
  await shelf.tell(it.servers, shelf.add("third.mp4", "real"));
  await news.getByText("2 new items", { exact: true }).waitFor();
  assert.deepEqual(await firstInSight(page), read, "nothing moved");
  await counted(page, "261 items");

  await news.click();
  await row(page, "third.mp4").waitFor();
  assert.deepEqual((await names(page)).slice(0, 3), ["third.mp4", "second.mp4", "at the top.mp4"]);
  assert.equal(await news.count(), 0);
  await until(
    () => focused(page),
    (now) => now === "third.mp4",
  );
  assert.ok(await row(page, "third.mp4").isVisible());
});

test("a row that its filter would leave out now changes in place and stays until one is through with it", async (t) => {
  const shelf = new Shelf(6, () => "running");
  const { page } = await enter(t, shelf, { at: "#/media?status=running" });
  await counted(page, "6 of 6 items");
  const [, second] = shelf.rows;
  await shelf.tell(it.servers, second, "real");
  await rowSays(page, second.filename, "Complete");
  assert.equal((await names(page)).length, 6);
  await page.getByRole("radio", { name: "Analyzing 5" }).waitFor();

  await page.getByRole("button", { name: "1 no longer match" }).click();
  await counted(page, "5 of 6 items");
  assert.equal(await row(page, second.filename).count(), 0);
});

test("of 5,000 media only rows near what is in sight are on the page, and each knows its place", async (t) => {
  const shelf = new Shelf(5000, (at) => (at === 2 ? "running" : "real"));
  const { page } = await enter(t, shelf);
  await counted(page, "5,000 items");
  const rows = page.locator("ul.media > li");
  assert.ok((await rows.count()) <= 30, `${await rows.count()} rows`);
  assert.deepEqual(await place(rows.first()), ["1", "5000"]);
  const height = await page.locator("ul.media").evaluate((list) => list.getBoundingClientRect().height);
  const one = await rows.first().evaluate((row) => row.getBoundingClientRect().height);
  assert.ok(Math.abs(height - 5000 * one) < 2, `${height} is 5,000 × ${one}`);

  for (const [y, least, most] of [
    [100_000, 1500, 1560],
    [1e9, 5000, 5000],
    [50_000, 750, 790],
  ]) {
    await scrollTo(page, y);
    const last = await until(
      async () => Number((await place(rows.last()))[0]),
      (last) => last >= least && last <= most,
    );
    assert.ok((await rows.count()) <= 36);
    assert.equal(await rows.last().getByRole("link").textContent(), `clip ${last - 1}.mp4`);
    const { name } = await firstInSight(page);
    assert.match(name, /^clip \d+\.mp4$/, "there is a row, not a gap");
  }

  // One event draws one row anew, and no other.
  await scrollTo(page, 0);
  await row(page, "clip 2.mp4").waitFor();
  await page.evaluate(() => {
    window.drawn = new Set();
    new MutationObserver((changes) => {
      for (const { target } of changes) {
        const row = (target.nodeType === 1 ? target : target.parentElement).closest("ul.media > li");
        if (row) window.drawn.add(row.querySelector("a").textContent);
      }
    }).observe(document.querySelector("ul.media"), { subtree: true, childList: true, characterData: true });
  });
  const second = shelf.rows.find(({ filename }) => filename === "clip 2.mp4");
  await shelf.tell(it.servers, second, "real");
  await rowSays(page, "clip 2.mp4", "Complete");
  assert.deepEqual(await page.evaluate(() => [...window.drawn]), ["clip 2.mp4"]);

  await page.getByLabel("Search").fill("clip 4999");
  await counted(page, "1 of 5,000 items");
});

test("the Tab key walks through all rows of a long list, and the row with the focus stays", async (t) => {
  const shelf = new Shelf(5000);
  const { page } = await enter(t, shelf);
  await counted(page, "5,000 items");
  await page.getByRole("link", { name: "clip 0.mp4" }).focus();
  // As many as one test has time for; in one direction and back.
  const WALK = 400;
  for (let at = 1; at <= WALK; at += 1) {
    await page.keyboard.press("Tab");
    assert.equal(await focused(page), `clip ${at}.mp4`);
  }
  for (let at = WALK - 1; at >= WALK - 40; at -= 1) {
    await page.keyboard.press("Shift+Tab");
    assert.equal(await focused(page), `clip ${at}.mp4`);
  }
  const name = `clip ${WALK - 40}.mp4`;
  await scrollTo(page, 1e9);
  await page.getByRole("link", { name: "clip 4999.mp4" }).waitFor();
  assert.equal(await focused(page), name);
  assert.deepEqual(await place(row(page, name)), [`${WALK - 39}`, "5000"]);
  await page.keyboard.press("Tab");
  assert.equal(await focused(page), `clip ${WALK - 39}.mp4`);
  await scrollTo(page, 1e9);
  await page.getByRole("link", { name: "clip 4999.mp4" }).focus();
  await page.keyboard.press("Shift+Tab");
  assert.equal(await focused(page), "clip 4998.mp4");
});

test("whoever comes back from an item finds the list as it was left", async (t) => {
  const shelf = new Shelf(4000);
  const { page } = await enter(t, shelf, { at: "#/media?result=real" });
  await counted(page, "3,000 of 4,000 items");
  for (const [at, back] of [
    () => page.goBack(),
    () => page.getByRole("navigation", { name: "Path" }).getByRole("link", { name: "Media" }).click(),
  ].entries()) {
    await scrollTo(page, 60_000);
    const link = page.locator("ul.media > li").nth(10).getByRole("link");
    await link.focus();
    const before = await firstInSight(page);
    const name = await link.textContent();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name }).waitFor();
    await shelf.tell(it.servers, shelf.add(`meanwhile ${at}.mp4`, "real"));
    // What the page says of the open item came after it.
    const open = shelf.rows.find(({ filename }) => filename === name);
    open.size = (60 + at) * 1e6;
    await shelf.tell(it.servers, open);
    await page.getByText(`${60 + at} MB`).waitFor();
    await back();
    await page.getByRole("link", { name, exact: true }).waitFor();
    await counted(page, `3,00${1 + at} of 4,00${1 + at} items`);
    await until(
      () => focused(page),
      (now) => now === name,
    );
    const after = await firstInSight(page);
    assert.equal(after.name, before.name);
    assert.ok(Math.abs(after.top - before.top) <= 1, `${after.top} was ${before.top}`);
    assert.equal(hash(page), "#/media?result=real");
  }
});

test("a long list has no violations and nothing scrolls sideways, wide, narrow, enlarged and from right to left", async (t) => {
  const shelf = new Shelf(240, (at) => ["real", "fake", "failed", "running"][at % 4]);
  shelf.add(`${"very-long-name-".repeat(20)}.mp4`, "running");
  shelf.add("مقابلة ٢٠٢٦.mp4", "fake");
  shelf.add("<img src=x onerror=alert(1)>.mp4", "real");
  const { page } = await enter(t, shelf, { script: AXE });
  await counted(page, "243 items");
  const faults = [];
  for (const [width, direction, scale] of [
    [1280, "ltr", 1],
    [360, "ltr", 1],
    [320, "ltr", 1],
    [1280, "rtl", 1],
    [320, "rtl", 1],
    [640, "ltr", 2],
  ]) {
    // 200 % zoom leaves half as many CSS pixels.
    await page.setViewportSize({ width: width, height: 900 / scale });
    await page.evaluate((direction) => (document.documentElement.dir = direction), direction);
    const unfold = page.getByRole("button", { name: "Filters" });
    if (width < 600 && (await unfold.getAttribute("aria-expanded")) === "false") await unfold.click();
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      const seen = [...(await violations(page)), ...(await page.evaluate(check))];
      for (const fault of seen) faults.push(`${width} ${direction} ${colorScheme}: ${fault}`);
    }
  }
  assert.deepEqual(faults, []);
});

/** Runs in the page. */
function check() {
  const faults = [];
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) faults.push(`scrolls sideways to ${scrollWidth}`);
  const rows = [...document.querySelectorAll("ul.media > li")];
  const heights = new Set(rows.map((row) => row.getBoundingClientRect().height.toFixed(2)));
  if (heights.size !== 1) faults.push(`rows are ${[...heights].join(", ")} pixels high`);
  return faults;
}

const hash = (page) => new URL(page.url()).hash;

const names = (page) => page.locator("ul.media > li > a").allTextContents();

const place = (row) => row.evaluate((row) => [row.getAttribute("aria-posinset"), row.getAttribute("aria-setsize")]);

/** The text of what has the focus. */
const focused = (page) => page.evaluate(() => document.activeElement.textContent.slice(0, 80));

/** Waits until the list says how many there are. */
const counted = (page, words) =>
  until(
    () => page.locator("p.count").textContent(),
    (text) => text.split(" · ")[0] === words,
  );

/** Scrolls, and waits until a frame was drawn and the rows came. */
const scrollTo = (page, y) =>
  page.evaluate(
    (y) =>
      new Promise((resolve) => {
        window.scrollTo(0, y);
        requestAnimationFrame(() => requestAnimationFrame(resolve));
      }),
    y,
  );

/** The first row that is whole in sight, and where. */
const firstInSight = (page) =>
  page.evaluate(() => {
    const rows = [...document.querySelectorAll("ul.media > li")];
    const row = rows.find((row) => row.getBoundingClientRect().top >= 0);
    return { name: row?.querySelector("a").textContent, top: row?.getBoundingClientRect().top };
  });
