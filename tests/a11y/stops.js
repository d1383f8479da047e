// The stops of the Tab key: which there are, whether each is in sight, and how to come to one.
import assert from "node:assert/strict";

/** More presses of Tab than any page has stops. */
const MOST_STOPS = 120;

/** Runs in the page: the element that has the focus; null at the end of the page. */
export function look() {
  const element = document.activeElement;
  if (element === null || element === document.body) return null;
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  const points = [
    [0.5, 0.5],
    [0.25, 0.25],
    [0.75, 0.25],
    [0.25, 0.75],
    [0.75, 0.75],
  ];
  const hit = ([x, y]) => {
    const top = document.elementFromPoint(box.left + x * box.width, box.top + y * box.height);
    return top !== null && (element.contains(top) || top.contains(element));
  };
  return {
    name: element.getAttribute("aria-label") ?? (element.textContent.trim() || element.tagName),
    at: [...document.querySelectorAll("*")].indexOf(element),
    ring: style.outlineStyle === "none" ? 0 : Number.parseFloat(style.outlineWidth),
    size: Math.min(box.width, box.height),
    inSight: points.every(hit),
  };
}

/** Every stop from where the focus is until the first comes again. */
export async function stops(page) {
  const found = [];
  for (let press = 0; press < MOST_STOPS; press += 1) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(look);
    // From the last stop the focus leaves the page, and comes back to the first.
    if (stop === null) continue;
    if (found.some(({ at }) => at === stop.at)) return found;
    found.push(stop);
  }
  throw new Error(`no end of stops: ${found.map(({ name }) => name).join(" | ")}`);
}

/** Presses Tab until this has the focus. @param {import("playwright-core").Locator} target */
export async function tabTo(page, target) {
  await target.waitFor();
  const has = () => target.evaluate((element) => element === document.activeElement);
  for (let press = 0; press < MOST_STOPS && !(await has()); press += 1) await page.keyboard.press("Tab");
  assert.ok(await has(), `Tab never came to ${target}`);
}
