// Every view, turned every way: axe's rules, and on each the few of our own that hold everywhere.
import { readFileSync } from "node:fs";
import { AXE, openPage, pill, until } from "../e2e/harness.js";
import { cells, LOOKS, PLACE, visit, WIDTHS } from "../demo/gallery.js";
import { violations } from "./axe.js";
import { flood, openDemo, press } from "./page.js";

/** What the pages of the demonstration are looked at in. */
const STATES = ["light", "dark", "rtl", "reconnecting", "offline"];

/** The words that the checks look for, in each language. */
const ENGLISH = { bands: ["At risk", "Caution", "Trusted"], absent: ["No data", "Left"], live: "Live" };
const ARABIC = (({ BandAtRisk, BandCaution, BandTrusted, NoData, HasLeft, Live }) => ({
  bands: [BandAtRisk, BandCaution, BandTrusted],
  absent: [NoData, HasLeft],
  live: Live,
}))(JSON.parse(readFileSync(new URL("../../www/lang/ar.json", import.meta.url), "utf8")));

/**
 * Looks at them all.
 * @returns {Promise<{views: number, faults: string[]}>}
 */
export async function lookAtViews(stage) {
  const faults = [];
  let views = 0;
  const judge = async (page, what, words = ENGLISH) => {
    views += 1;
    const found = [...(await violations(page)), ...(await page.evaluate(everywhere, words))];
    faults.push(...found.map((fault) => `${what}: ${fault}`));
  };
  await gallery(stage, judge);
  await pages(stage, judge);
  return { views, faults };
}

/** Each component in each state. */
async function gallery({ browser, demo }, judge) {
  for (const width of WIDTHS) {
    const { page, context, faults } = await openPage(browser, `${demo.url}/#/gallery`, {
      script: AXE,
      width,
      height: 700,
      ...PLACE,
    });
    const all = await cells(page, demo.url);
    await judge(page, `gallery, ${width}`);
    for (const look of LOOKS)
      for (const cell of all) {
        await visit(page, cell, look);
        const words = look.dir === "rtl" ? ARABIC : ENGLISH;
        await judge(page, `${cell.component}/${cell.state}, ${look.name}, ${width}`, words);
      }
    if (faults.length > 0) throw new Error(faults.join("\n"));
    await context.close();
  }
}

/** The pages of the demonstration, each with what opens on it. */
const PAGES = {
  list: (page) => go(page, "#/media", page.getByRole("heading", { name: "Media", exact: true })),
  "card open": async (page) => {
    await go(page, "#/media", page.getByRole("heading", { name: "Media", exact: true }));
    const details = page.locator(".toast").getByRole("button", { name: /^Show details/ });
    if (await details.count()) await details.first().click();
  },
  item: (page) => go(page, "#/media/Analysis/med-7", page.getByRole("progressbar")),
  "item at its end": (page) => go(page, "#/media/Analysis/med-2", page.getByRole("heading", { name: "Result" })),
  meetings: (page) => go(page, "#/meetings", page.getByRole("heading", { name: "Join a meeting" })),
  meeting: (page) => go(page, "#/meeting/Meetings/demo", page.getByRole("heading", { name: "Participants" })),
  activity: (page) => go(page, "#/activity", page.getByRole("heading", { name: "Activity", exact: true })),
  settings: (page) => opens(page, page.getByRole("button", { name: "Settings" }), "Settings"),
  servers: (page) => opens(page, page.locator("#conn"), "Servers"),
  controls: (page) => opens(page, page.getByRole("button", { name: "Demo controls" }), "Demo controls"),
  // The last one: from here on nothing moves.
  paused: async (page) => {
    await page.getByRole("button", { name: "Pause updates" }).click();
    await page.getByRole("region", { name: "Pause updates" }).waitFor();
  },
};

async function go(page, address, shown) {
  await page.evaluate((address) => (location.hash = address), address);
  await shown.first().waitFor();
}

async function opens(page, button, name) {
  await button.click();
  await page.getByRole("region", { name, exact: true }).waitFor();
}

async function pages(stage, judge) {
  for (const width of WIDTHS)
    for (const state of STATES) {
      const { page, context, faults } = await openDemo(stage, {
        width,
        colorScheme: state === "dark" ? "dark" : "light",
      });
      await flood(page);
      // The meeting has somebody to show before the network goes.
      await PAGES.meeting(page);
      await page.getByRole("meter").first().waitFor();
      if (state === "rtl") await page.evaluate(() => (document.documentElement.dir = "rtl"));
      if (state === "reconnecting") await press(page, "Stop the servers");
      if (state === "offline") await press(page, "Go offline");
      if (state === "reconnecting" || state === "offline") {
        await pill(page, state === "offline" ? "Offline" : "Reconnecting");
        await until(() => page.locator("#banner").isVisible());
      }
      for (const [name, visit] of Object.entries(PAGES)) {
        await visit(page);
        await judge(page, `${name}, ${state}, ${width}`);
        await page.keyboard.press("Escape");
      }
      if (faults.length > 0) throw new Error(faults.join("\n"));
      await context.close();
    }
}

/** Runs in the page: what holds on every view. */
function everywhere(words) {
  const faults = [];
  const says = (text, some) => some.some((word) => text.includes(word));
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) faults.push(`scrolls sideways to ${scrollWidth}`);
  const live = "[aria-live], [role=status], [role=alert], [role=log]";
  for (const card of document.querySelectorAll(".toast")) {
    if (card.closest(live)) faults.push("a card is inside of a live region");
    if (card.querySelector("[role=progressbar]")) faults.push("a card has a progressbar");
  }
  const shown = (element) => element.checkVisibility();
  const bars = [...document.querySelectorAll("[role=progressbar]")].filter(shown);
  if (bars.length > 1) faults.push(`${bars.length} progressbars of one item`);
  for (const bar of bars) {
    const now = bar.getAttribute("aria-valuenow");
    if (now !== null && !/^\d+$/.test(now)) faults.push(`a progressbar at ${now}`);
    if (!/%/.test(bar.getAttribute("aria-valuetext") ?? "")) faults.push("a progressbar whose text has no percentage");
  }
  for (const meter of document.querySelectorAll("[role=meter]")) {
    const [now, least, most] = ["now", "min", "max"].map((name) => Number(meter.getAttribute(`aria-value${name}`)));
    const text = meter.getAttribute("aria-valuetext") ?? "";
    if (!(least <= now && now <= most)) faults.push(`a meter at ${now} of ${least} to ${most}`);
    if (!says(text, words.bands)) faults.push(`a meter without its band: ${text}`);
  }
  for (const person of document.querySelectorAll(".people > li"))
    if (!person.querySelector("[role=meter]") && !says(person.textContent, words.absent))
      faults.push(`a person without a score who does not say so: ${person.textContent}`);
  const banner = document.querySelector("#banner");
  const pill = document.querySelector("#conn")?.textContent.trim();
  if (banner && pill && shown(banner) && pill.startsWith(words.live))
    faults.push(`a banner of a loss beside the pill ${pill}`);
  if (!/^Demo · /.test(document.title)) faults.push(`nothing of a demonstration in the title ${document.title}`);
  if (!document.querySelector("#demo")?.checkVisibility()) faults.push("nothing says that this is a demonstration");
  return faults;
}
