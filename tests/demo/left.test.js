// What is left of a view in a browser after it is gone: no element, no listener.
//
// The gallery shows every view in every state, each instead of the last, so a page that was at all of them holds what it
// held before.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openPage, startBrowser } from "../e2e/harness.js";
import { cells, PLACE } from "./gallery.js";
import { defineVisits } from "./hostile.js";
import { serveDemo } from "./serve.js";

/** The browser itself keeps a few nodes for a while: the last that had the focus, or that something was said of. */
const KEPT = 30;

const stage = {};
before(async () => {
  [stage.browser, stage.demo] = await Promise.all([startBrowser(), serveDemo()]);
});
after(() => Promise.all([stage.browser?.close(), stage.demo?.close()]));

test("no view leaves an element or a listener behind", async (t) => {
  const { page, context } = await openPage(stage.browser, "about:blank", PLACE);
  t.after(() => context.close());
  await page.addInitScript(defineVisits);
  const all = await cells(page, stage.demo.url);
  const devtools = await context.newCDPSession(page);
  const [emptiest] = all;
  const counted = async (cell) => {
    // The last one's elements are there until the next one's are drawn.
    await page.evaluate((hrefs) => window.hostile.goTo(hrefs), [cell.href, emptiest.href]);
    // What waits for a frame holds its view until then, and what one collection lets go, the next one finds.
    await page.evaluate(async () => {
      for (let frame = 0; frame < 2; frame += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
    });
    for (let times = 0; times < 3; times += 1) await devtools.send("HeapProfiler.collectGarbage");
    const { nodes, jsEventListeners } = await devtools.send("Memory.getDOMCounters");
    return { nodes, listeners: jsEventListeners };
  };
  // What is made once and kept, as the texts of another language, is made by the first visit.
  for (const cell of all.slice(1)) await counted(cell);

  const left = [];
  const first = await counted(all[1]);
  let last = first;
  for (const cell of all.slice(1)) {
    const now = await counted(cell);
    const [nodes, listeners] = [now.nodes - last.nodes, now.listeners - last.listeners];
    if (nodes > KEPT || listeners > 0) left.push(`${cell.name} leaves ${nodes} nodes and ${listeners} listeners`);
    last = now;
  }

  assert.deepEqual(left, []);
  assert.ok(last.nodes - first.nodes <= KEPT, `${first.nodes} nodes became ${last.nodes}`);
  assert.ok(last.listeners <= first.listeners, `${first.listeners} listeners became ${last.listeners}`);
});
