// Servers that mean harm: each payload of the corpus in each text that a server can send, on every view of the gallery.
//
// Beside each payload there is a harmless text of the same shape. The law: the two pages have the same elements with the
// same attributes, and nothing leaves the page, asks the person, breaks the policy or scrolls sideways.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { after, before, test } from "node:test";
import { control } from "../a11y/page.js";
import { openPage, pill, startBrowser, until, upload } from "../e2e/harness.js";
import { cells, PLACE } from "./gallery.js";
import { defineVisits, watchExits } from "./hostile.js";
import { serveDemo } from "./serve.js";

const corpus = JSON.parse(readFileSync(new URL("../fixtures/hostile.json", import.meta.url), "utf8"));
const payloads = corpus.map(({ kind, text, times = 1 }) => ({ kind, text: text.repeat(times) }));
const PARTS = ["texts", "words", "codes"];
/** A cell that shows a server's text at a place of its own is visited with every second payload, 119 of them. */
const OFTEN = 2;
/** A cell that shows no text of a server's at a place of its own is visited with one payload of so many. */
const SELDOM = 32;
/** Visits that a page is asked for at once. */
const ROUND = 40;
/** Faults after which there is nothing more to learn. */
const ENOUGH = 20;
/** Files are made with every one of so many payloads, and with each that a spreadsheet would compute. */
const FILES_EVERY = 8;
/** As narrow as a phone. */
const NARROW = { width: 320, height: 700 };

const stage = {};
before(async () => {
  [stage.browser, stage.demo] = await Promise.all([startBrowser(), serveDemo()]);
});
after(() => Promise.all([stage.browser?.close(), stage.demo?.close()]));

/** A page that is watched: in the end nothing may have left it, asked a person or gone wrong with it. */
async function open(t, at, script) {
  const asked = [];
  const opened = await openPage(stage.browser, "about:blank", { ...NARROW, ...PLACE });
  opened.page.on("dialog", (dialog) => {
    asked.push(`${dialog.type()} ${dialog.message()}`);
    dialog.dismiss();
  });
  opened.page.on("popup", (popup) => asked.push(`popup ${popup.url()}`));
  await opened.page.addInitScript(watchExits);
  await opened.page.addInitScript(defineVisits);
  if (script) await opened.page.addInitScript(script);
  await opened.page.goto(`${stage.demo.url}/${at}`);
  t.after(() => opened.context.close());
  return {
    ...opened,
    async close() {
      const violations = await opened.page.evaluate(() => window.violations);
      assert.deepEqual([...opened.faults, ...violations, ...asked, ...opened.said], []);
      const files = /^\/(|index\.html|(boot|demo)\.js|lang\/\w+\.json|icon-badge\.svg|[\w-]+\.(css|svg|js|wasm))$/;
      const elsewhere = (url) => !url.startsWith(`${stage.demo.url}/`) || !files.test(new URL(url).pathname);
      assert.deepEqual(
        opened.urls.filter((url) => url !== "about:blank" && elsewhere(url)),
        [],
      );
    },
  };
}

test("each payload in each text of each view makes no element, no request and no question", async (t) => {
  const pages = await Promise.all(
    Array.from({ length: Math.min(2, availableParallelism()) }, () => open(t, "#/gallery")),
  );
  const all = await cells(pages[0].page, stage.demo.url);
  await cells(pages.at(-1).page, stage.demo.url);
  let files = 0;
  for (const part of PARTS) {
    const [often, seldom] = await chosen(pages[0].page, all, part);
    const visits = (cell, isWanted) =>
      payloads
        .map(({ kind, text }, number) => ({
          cell,
          payload: { number, part, twin: twin(text, part), text: marker(text, part) },
          makesFiles: part === "texts" && (kind === "formula" || number % FILES_EVERY === 0),
        }))
        .filter(({ payload }) => isWanted(payload.number));
    const rounds = [
      ...often.flatMap((cell, at) => pieces(visits(cell, (number) => (number + at) % OFTEN === 0))),
      ...pieces(seldom.flatMap((cell, at) => visits(cell, (number) => (number + at) % SELDOM === 0))),
    ];
    const count = rounds.flat().length;
    const began = performance.now();
    const found = [];
    const work = async ({ page }) => {
      while (rounds.length > 0 && found.length < ENOUGH) {
        const round = rounds.pop();
        const seen = await page.evaluate((visits) => window.hostile.visitAll(visits), round);
        found.push(...seen.found);
        files += seen.files;
      }
    };
    await Promise.all(pages.map(work));
    const seconds = ((performance.now() - began) / 1000).toFixed(0);
    t.diagnostic(`${part}: ${often.length} and ${seldom.length} cells, ${count} visits in ${seconds} s`);
    assert.deepEqual(found.slice(0, ENOUGH), []);
  }
  assert.ok(files > 20, `${files} files`);
  for (const page of pages) await page.close();
});

test("what is told where nobody looks is as harmless, and the page goes on", async (t) => {
  const { page, close } = await open(t, "?said=each-texts#/media", hide);
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

/** As many visits as a page is asked for at once. */
function pieces(visits) {
  const found = [];
  for (let at = 0; at < visits.length; at += ROUND) found.push(visits.slice(at, at + ROUND));
  return found;
}

/** What tells one harmless twin from another: the demonstration makes the twin itself. */
function twin(text, part) {
  if (part === "codes" && /\d/.test(text)) return text;
  return /^[\x20-\x7e]{1,80}$/.test(text) && text.trim() !== "" ? "plain" : text;
}

/** As much of a payload as can be found again in a text that was made fit to be shown. */
function marker(text, part) {
  const [found] = /[!-~]{8,40}/.exec(text) ?? [];
  // What is all letters may be a word of ours.
  return part === "texts" && /[<>(){}=]/.test(found ?? "") ? found : null;
}
