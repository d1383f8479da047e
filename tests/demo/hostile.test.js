// Servers that mean harm: each payload of the corpus in each text that a server can send, on every view of the gallery.
//
// Beside each payload there is a harmless text of the same shape. The law: the two pages have the same elements with the
// same attributes, and nothing leaves the page, asks the person, breaks the policy or scrolls sideways. Here are a few
// minutes' worth of visits, always the same ones; `make hostile` makes them all.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { control } from "../a11y/page.js";
import { pill, startBrowser, until, upload } from "../e2e/harness.js";
import { cells } from "./gallery.js";
import { serveDemo } from "./serve.js";
import { open, openPages, PARTS, visitAll, visitsOf } from "./visits.js";

/** A cell that shows a server's text at a place of its own is visited with every second payload, 119 of them. */
const OFTEN = 2;
/** A cell that shows no text of a server's at a place of its own is visited with one payload of so many. */
const SELDOM = 32;

const stage = {};
before(async () => {
  [stage.browser, stage.demo] = await Promise.all([startBrowser(), serveDemo()]);
});
after(() => Promise.all([stage.browser?.close(), stage.demo?.close()]));

test("each payload in each text of each view makes no element, no request and no question", async (t) => {
  const pages = await openPages(stage);
  t.after(() => Promise.all(pages.map(({ context }) => context.close())));
  const all = await cells(pages[0].page, stage.demo.url);
  let made = 0;
  for (const part of PARTS) {
    const [often, seldom] = await chosen(pages[0].page, all, part);
    const visits = [
      ...often.flatMap((cell, at) => visitsOf(cell, part, (number) => (number + at) % OFTEN === 0)),
      ...seldom.flatMap((cell, at) => visitsOf(cell, part, (number) => (number + at) % SELDOM === 0)),
    ];
    const { found, files, seconds } = await visitAll(pages, visits);
    made += files;
    t.diagnostic(`${part}: ${often.length} and ${seldom.length} cells, ${visits.length} visits in ${seconds} s`);
    assert.deepEqual(found, []);
  }
  assert.ok(made > 20, `${made} files`);
  for (const page of pages) await page.close();
});

test("what is told where nobody looks is as harmless, and the page goes on", async (t) => {
  const { page, context, close } = await open(stage, "?said=each-texts#/media", hide);
  t.after(() => context.close());
  await pill(page, "Live");
  await control(page, (panel) => panel.getByLabel("Speed of the servers").selectOption("Ten times as fast"));
  for (const name of ["any.mp4", "partly.mp4", "broken.mp4"]) await upload(page, name, Buffer.alloc(5000, 1));
  for (const address of ["#/meeting/Meetings/demo", "#/activity", "#/media/Analysis/med-7", "#/media"]) {
    await page.evaluate((address) => (location.hash = address), address);
    await page.locator("main h1").waitFor();
    assert.deepEqual(await page.evaluate(() => window.hostile.faults()), [], address);
  }

  const told = await until(
    () => page.evaluate(() => window.notified),
    (told) => told.length >= 5,
    60_000,
  );

  // eslint-disable-next-line no-control-regex
  const unfit = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066\u2067]/;
  for (const { title, body } of told) {
    assert.match(title, /^[A-Z][\w ]+ · Telltale$/);
    assert.ok(!unfit.test(body) && body.length < 3000, JSON.stringify(body));
  }
  assert.match(await page.title(), /^Demo · \(\d+\) /);
  assert.deepEqual(await page.evaluate(() => window.hostile.faults()), []);
  await close();
});

/** Runs in the page: nobody looks at it, and a person wants to be notified. */
function hide() {
  localStorage.setItem("telltale.notify", "on");
  Object.defineProperty(document, "hidden", { get: () => true });
  Object.defineProperty(document, "visibilityState", { get: () => "hidden" });
}

/**
 * The cells that together show a server's text at every place where any cell does, and the others: those are visited more
 * often than these.
 */
async function chosen(page, all, part) {
  const places = await page.evaluate(([all, part]) => window.hostile.placesOf(all, part), [all, part]);
  const cells = all.map((cell, at) => ({ cell, places: places[at] }));
  cells.sort((one, other) => other.places.length - one.places.length);
  const known = new Set();
  const often = cells.filter(({ places }) => {
    const before = known.size;
    for (const place of places) known.add(place);
    return known.size > before;
  });
  // What only programs read is shown nowhere, and what follows from it may be seen anywhere.
  assert.ok(part === "codes" || known.size >= 5, `${known.size} places`);
  const seldom = cells.filter((cell) => !often.includes(cell));
  return [often, seldom].map((cells) => cells.map(({ cell }) => cell));
}
