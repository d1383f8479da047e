// What looks at the gallery shares: its list of cells, and going to one of them.
//
// The clock of a cell stands still, so it is done as soon as it is drawn: two frames after it is there.

/** How a cell can be turned: what stands in the address, and what it makes of the page. */
export const LOOKS = [
  { name: "light", wishes: "theme=light", theme: "light", dir: "ltr" },
  { name: "dark", wishes: "theme=dark", theme: "dark", dir: "ltr" },
  { name: "rtl", wishes: "theme=light&lang=ar", theme: "light", dir: "rtl" },
];

/** Wide, and as narrow as a phone, or as a screen of 1280 pixels at 400 %. */
export const WIDTHS = [1280, 320];

/** So that a time on a picture is the same everywhere. */
export const PLACE = { locale: "en-GB", timezoneId: "UTC" };

/**
 * Every cell, as the gallery lists it.
 * @param {import("playwright-core").Page} page
 * @returns {Promise<{component: string, state: string, name: string, href: string}[]>}
 */
export async function cells(page, url) {
  await page.goto(`${url}/#/gallery`);
  const links = page.locator("a[data-cell]");
  await links.first().waitFor();
  const all = await links.evaluateAll((links) =>
    links.map((link) => ({ name: link.dataset.cell, href: link.getAttribute("href") })),
  );
  return all.map(({ name, href }) => {
    const [component, state] = name.split("/");
    return { component, state, name: `${component}-${state}`, href };
  });
}

/** Goes to a cell in a look, and waits until it is drawn and a person has done in it what belongs to it. */
export async function visit(page, cell, look) {
  await page.emulateMedia({ media: cell.component === "print" ? "print" : "screen" });
  const href = `${cell.href}${cell.href.includes("?") ? "&" : "?"}${look.wishes}`;
  await page.evaluate((href) => (location.hash = href), href);
  const root = `html[data-theme="${look.theme}"][dir="${look.dir}"]`;
  const name = `[data-component="${cell.component}"][data-state="${cell.state}"]`;
  const shown = page.locator(`${root} #cell${name}:not([aria-busy])`);
  await shown.waitFor({ state: "attached" });
  await page.evaluate(async () => {
    window.scrollTo(0, 0);
    for (let frame = 0; frame < 3; frame += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
  });
}
