// Photographs the page as people will see it: `node tests/e2e/screenshots.mjs OUT`. Not a test; somebody has to look.
//
// Each view is brought about once, against the real servers, and taken in light and dark, wide and narrow.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { mp4, png, tone } from "../backend/samples.js";
import {
  ended,
  openPage,
  pill,
  rowSays,
  scratch,
  signIn,
  startBrowser,
  startServers,
  toList,
  until,
  upload,
} from "./harness.js";
import { Shelf } from "./shelf.js";

const [out] = process.argv.slice(2);
if (!out) throw new Error("say where the pictures go: node tests/e2e/screenshots.mjs OUT");
mkdirSync(out, { recursive: true });

/** Slow enough that a run of the largest file is still one when its pictures are taken. */
const SLOW = 100_000;

const folder = scratch();
const [browser, servers, whole, broken] = await Promise.all([
  startBrowser(),
  startServers("--pace", "0", "--retry-delay", "50", "--scenario-speed", "20"),
  startServers(),
  startServers("--config", folder.file("config.json", '{ "servers": [{ "kind": "analysis", "uri": "/analysis" }] }')),
]);
try {
  const { page } = await openPage(browser, `${servers.page}/`);
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await take(page, "login");
  await signIn(page);
  await pill(page, "Live");
  await take(page, "list-empty");

  await upload(page, "interview-2026-03-14.wav", tone(60_000));
  await rowSays(page, "interview-2026-03-14.wav", "Complete");
  await upload(page, "id-card.png", png(300));
  await rowSays(page, "id-card.png", "Complete");
  await servers.control("fail", { backend: "analysis", model: "container-structure", times: 3 });
  await upload(page, "clip-88.mp4", mp4(300_000));
  await rowSays(page, "clip-88.mp4", "Partly complete");
  await servers.control("settings", { pace: SLOW });
  await upload(page, "press-conference.mp4", mp4(1_500_000));
  await rowSays(page, "press-conference.mp4", "Analyzing");
  await until(
    () => page.locator(".toast", { hasText: "press-conference.mp4" }).textContent(),
    (text) => /[1-9]\d?%/.test(text),
  );
  await take(page, "list");
  await page
    .locator(".toast", { hasText: "press-conference.mp4" })
    .getByRole("button", { name: /^Show details/ })
    .click();
  await take(page, "list-card-open");
  await page.getByLabel("Search").fill("none of these");
  await take(page, "list-no-match");
  await page.getByRole("button", { name: "Clear filters" }).first().click();
  await page.getByRole("link", { name: "press-conference.mp4" }).click();
  await page.getByRole("progressbar").waitFor();
  await take(page, "item-running");
  await open(page, "interview-2026-03-14.wav", "Analysis complete");
  await take(page, "item-done");
  await page.emulateMedia({ media: "print" });
  await take(page, "item-print");
  await page.emulateMedia({ media: "screen" });
  await open(page, "clip-88.mp4", "Analysis partly complete");
  await take(page, "item-partly");

  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Meetings" }).click();
  await take(page, "meetings");
  await page.getByRole("button", { name: "Start a simulated meeting" }).click();
  await page.locator("li.alert[data-urgent]").first().waitFor();
  await take(page, "meeting");
  await page.getByRole("button", { name: "Settings" }).click();
  await take(page, "settings");
  await page.keyboard.press("Escape");
  await page.locator("#conn").click();
  await take(page, "servers");
  await page.keyboard.press("Escape");

  await page.getByRole("link", { name: /^Activity/ }).click();
  await page.locator("ol.log").first().waitFor();
  await take(page, "activity");
  await page.getByRole("button", { name: "Pause updates" }).click();
  await toList(page);
  await take(page, "paused");
  await page.getByRole("button", { name: "Resume" }).click();
  await servers.control("listener", { action: "stop" });
  await pill(page, "Reconnecting");
  await page.getByRole("button", { name: "Retry now" }).waitFor();
  await take(page, "reconnecting");

  const shelf = new Shelf(5000, (at) => ["real", "fake", "failed", "real", "running"][at % 5]);
  shelf.add(`${"interview-with-the-minister-".repeat(8)}final.mp4`, "running");
  shelf.add("مقابلة مع الوزير ٢٠٢٦.mp4", "fake");
  const { page: long, context } = await openPage(browser, `${whole.page}/`);
  await shelf.serve(context);
  await signIn(long);
  await pill(long, "Live");
  await long.getByRole("link", { name: "clip 3.mp4" }).waitFor();
  await take(long, "list-long");
  await long.evaluate(() => window.scrollTo(0, 20_000));
  await shelf.tell(whole, shelf.add("just-now.mp4", "running"));
  await long.getByRole("button", { name: "1 new item" }).waitFor();
  await take(long, "list-news");
  await long.evaluate(() => window.scrollTo(0, 0));
  await long.getByRole("radio", { name: /^Failed/ }).check();
  await long.setViewportSize({ width: 360, height: 760 });
  await long.getByRole("button", { name: "Filters" }).click();
  await take(long, "list-filters");
  await long.evaluate(() => (document.documentElement.dir = "rtl"));
  await take(long, "list-rtl");

  const { page: unset } = await openPage(browser, `${broken.page}/`);
  await unset.getByRole("heading", { name: "This page is not set up" }).waitFor();
  await take(unset, "config");
} finally {
  await Promise.all([browser.close(), servers.stop(), whole.stop(), broken.stop()]);
  folder.dispose();
}

async function open(page, name, heading) {
  await toList(page);
  await page.getByRole("link", { name }).click();
  await ended(page, heading);
}

async function take(page, name) {
  for (const width of [1280, 360]) {
    await page.setViewportSize({ width, height: width === 360 ? 760 : 860 });
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: join(out, `${name}-${width}-${colorScheme}.png`) });
    }
  }
  await page.setViewportSize({ width: 1280, height: 860 });
  await page.emulateMedia({ colorScheme: "light" });
}
