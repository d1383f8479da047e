// The visits to a page whose servers mean harm, in two pages at once; for the test that makes some of
// them, and for `make hostile`, which makes them all.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { openPage } from "../e2e/harness.js";
import { PLACE } from "./gallery.js";
import { defineVisits, watchExits } from "./hostile.js";

const corpus = JSON.parse(readFileSync(new URL("../fixtures/hostile.json", import.meta.url), "utf8"));
export const payloads = corpus.map(({ kind, text, times = 1 }) => ({ kind, text: text.repeat(times) }));
export const PARTS = ["texts", "words", "codes"];
/** Pages at once. More do not go faster: each draws on one processor, and there is the browser besides. */
const PAGES = 2;
/** Visits that a page is asked for at once. */
const ROUND = 40;
/** Faults after which there is nothing more to learn. */
export const ENOUGH = 20;
/** Files are made with every one of so many payloads, and with each that a spreadsheet would compute. */
const FILES_EVERY = 8;
/** As narrow as a phone. */
const NARROW = { width: 320, height: 700 };

/** Pages that are watched, at the gallery. */
export const openPages = (stage) =>
  Promise.all(Array.from({ length: Math.min(PAGES, availableParallelism()) }, () => open(stage, "#/gallery")));

/** A page that is watched: in the end nothing may have left it, asked a person or gone wrong with it. */
export async function open({ browser, demo }, at, script) {
  const asked = [];
  const opened = await openPage(browser, "about:blank", { ...NARROW, ...PLACE });
  opened.page.on("dialog", (dialog) => {
    asked.push(`${dialog.type()} ${dialog.message()}`);
    dialog.dismiss();
  });
  opened.page.on("popup", (popup) => asked.push(`popup ${popup.url()}`));
  await opened.page.addInitScript(watchExits);
  await opened.page.addInitScript(defineVisits);
  if (script) await opened.page.addInitScript(script);
  await opened.page.goto(`${demo.url}/${at}`);
  await opened.page
    .locator(at === "#/gallery" ? "a[data-cell]" : "main h1")
    .first()
    .waitFor();
  return {
    ...opened,
    /** Ends it, and fails if anything was wrong. */
    async close() {
      const violations = await opened.page.evaluate(() => window.violations);
      await opened.context.close();
      assert.deepEqual([...opened.faults, ...violations, ...asked, ...opened.said], []);
      const files = /^\/(|index\.html|(boot|demo)\.js|lang\/\w+\.json|icon-badge\.svg|[\w-]+\.(css|svg|js|wasm))$/;
      const elsewhere = (url) => !url.startsWith(`${demo.url}/`) || !files.test(new URL(url).pathname);
      assert.deepEqual(
        opened.urls.filter((url) => url !== "about:blank" && elsewhere(url)),
        [],
      );
    },
  };
}

/** The visits of a cell with each payload that is wanted, in one part of what servers say. */
export const visitsOf = (cell, part, isWanted = () => true) =>
  payloads
    .map(({ kind, text }, number) => ({
      cell,
      payload: { number, part, twin: twin(text, part), text: marker(text, part) },
      makesFiles: part === "texts" && (kind === "formula" || number % FILES_EVERY === 0),
    }))
    .filter(({ payload }) => isWanted(payload.number));

/**
 * Makes these visits, those of one cell in one page as far as that goes: its harmless twins are drawn once in each.
 * @returns {Promise<{found: string[], made: number, files: number, seconds: string}>} the faults, each with the name of its visit
 */
export async function visitAll(pages, visits) {
  const rounds = pieces(visits);
  const began = performance.now();
  const found = [];
  let [made, files] = [0, 0];
  const work = async ({ page }) => {
    while (rounds.length > 0 && found.length < ENOUGH) {
      const round = rounds.shift();
      const seen = await page.evaluate((visits) => window.hostile.visitAll(visits), round);
      made += round.length;
      found.push(...seen.found);
      files += seen.files;
    }
  };
  await Promise.all(pages.map(work));
  return { found: found.slice(0, ENOUGH), made, files, seconds: ((performance.now() - began) / 1000).toFixed(0) };
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
  if (!/^[\x20-\x7e]{1,80}$/.test(text) || text.trim() === "") return text;
  // In codes its first letter is that of the text, before which the other names come or after.
  return part === "codes" ? `plain after ${/^ *./.exec(text)[0]}` : "plain";
}

/** As much of a payload as can be found again in a text that was made fit to be shown. */
function marker(text, part) {
  const [found] = /[!-~]{8,40}/.exec(text) ?? [];
  // What is all letters may be a word of ours.
  return part === "texts" && /[<>(){}=]/.test(found ?? "") ? found : null;
}
