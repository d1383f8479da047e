// The demonstration in a browser, and its switches, as the checks need them.
import { AXE, openPage, pill, until } from "../e2e/harness.js";
import { PLACE } from "../demo/gallery.js";

/** The file that the demonstration's flood is. */
export const FLOOD = "flood.mp4";

/** Opens the demonstration, live. */
export async function openDemo({ browser, demo }, { at = "#/media", ...options } = {}) {
  const opened = await openPage(browser, `${demo.url}/${at}`, { script: AXE, ...PLACE, ...options });
  await pill(opened.page, "Live");
  return opened;
}

/** Does something with the demonstration's controls, and closes them. */
export async function control(page, does) {
  const panel = page.getByRole("region", { name: "Demo controls" });
  await page.getByRole("button", { name: "Demo controls" }).click();
  await does(panel);
  await page.keyboard.press("Escape");
  await panel.waitFor({ state: "hidden" });
}

/** Presses a button of the controls. */
export const press = (page, name) => control(page, (panel) => panel.getByRole("button", { name }).click());

/** Sends the file with 1,200 events of progress and waits until its run is under way. */
export async function flood(page) {
  await press(page, "Send 1,200 events");
  await page.locator(".toast", { hasText: FLOOD }).waitFor();
}

/** Notes what the live regions say from now on. @returns {Promise<() => Promise<string[]>>} what was said so far */
export async function hear(page) {
  await page.evaluate(() => {
    window.heard = [];
    if (window.isHeard) return;
    window.isHeard = true;
    for (const region of [document.getElementById("polite"), document.getElementById("assertive")]) {
      const note = () => region.textContent.trim() && window.heard.push(region.textContent.trim());
      new MutationObserver(note).observe(region, { childList: true, characterData: true, subtree: true });
    }
  });
  return () => page.evaluate(() => window.heard);
}

/** Puts every card away, by keys. */
export async function putAwayCards(page) {
  const cards = page.locator(".toast");
  for (let most = 20; most > 0 && (await cards.count()) > 0; most -= 1) {
    const isOnCard = await page.evaluate(() => document.activeElement?.closest(".toast") !== null);
    if (!isOnCard) await page.keyboard.press("Alt+KeyT");
    await page.keyboard.press("Escape");
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  }
  await until(
    () => cards.count(),
    (count) => count === 0,
  );
}

/** Waits until this has the focus. */
export const focused = (page, target) =>
  until(
    () => target.evaluate((element) => element === document.activeElement),
    (has) => has,
    3000,
  );
