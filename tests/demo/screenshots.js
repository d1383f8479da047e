// Photographs every cell of the gallery: `node tests/demo/screenshots.js OUT`. Not a test; somebody has to look.
//
// A picture for each cell, look and width, a page with all of them side by side (index.html), and that page as one
// picture for each component.
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { openPage, startBrowser } from "../e2e/harness.js";
import { cells, LOOKS, PLACE, visit, WIDTHS } from "./gallery.js";
import { serveDemo } from "./serve.js";

const [given] = process.argv.slice(2);
if (!given) throw new Error("say where the pictures go: node tests/demo/screenshots.js OUT");
const out = resolve(given);
mkdirSync(out, { recursive: true });

/** Around a component, in CSS pixels. */
const MARGIN = 8;
/** Of the contact sheet, in CSS pixels: what a wide and a narrow picture are shrunk to. */
const SHRUNK = { 1280: 560, 320: 220 };

const [browser, demo] = await Promise.all([startBrowser(), serveDemo()]);
try {
  let count = 0;
  let all = [];
  for (const width of WIDTHS) {
    const { page, context, faults } = await openPage(browser, `${demo.url}/#/gallery`, {
      width,
      height: 700,
      ...PLACE,
    });
    all = await cells(page, demo.url);
    for (const look of LOOKS)
      for (const cell of all) {
        await visit(page, cell, look);
        await page.screenshot({
          path: join(out, file(cell, look, width)),
          fullPage: true,
          clip: await frame(page, cell),
        });
        count += 1;
      }
    if (faults.length > 0) throw new Error(faults.join("\n"));
    await context.close();
  }
  const sheets = await contactSheets(all);
  console.log(`screenshots: ${all.length} cells, ${count} pictures and ${sheets} contact sheets in ${out}`);
} finally {
  await Promise.all([browser.close(), demo.close()]);
}

/** Where the component is on the page, with a little of what is around it. */
async function frame(page, { component }) {
  // Cards stand outside of the flow.
  const box = await page.locator(component === "card" ? "#cell .dock" : "#cell").boundingBox();
  if (!box || box.height < 1) throw new Error(`there is nothing to see of ${component}`);
  const x = Math.max(0, box.x - MARGIN);
  const y = Math.max(0, box.y - MARGIN);
  return { x, y, width: box.x + box.width + MARGIN - x, height: box.y + box.height + MARGIN - y };
}

function file(cell, look, width) {
  return `${cell.name}-${look.name}-${width}.png`;
}

/** All pictures of a component side by side. */
async function contactSheets(all) {
  const components = [...new Set(all.map(({ component }) => component))];
  const picture = (cell, look, width) =>
    `<img loading="eager" width="${SHRUNK[width]}" src="${file(cell, look, width)}" alt="${cell.name}, ${look.name}, ${width}">`;
  const row = (cell) => {
    const pictures = WIDTHS.flatMap((width) => LOOKS.map((look) => picture(cell, look, width)));
    return `<h3>${cell.state}</h3><div>${pictures.join("")}</div>`;
  };
  const section = (component) => {
    const rows = all.filter((cell) => cell.component === component).map(row);
    return `<section id="${component}"><h2>${component}</h2>${rows.join("")}</section>`;
  };
  const style =
    "body{font:14px system-ui;margin:16px} div{display:flex;gap:8px;align-items:start} img{border:1px solid #999}";
  const html = `<!doctype html><meta charset="utf-8"><title>Gallery</title><style>${style}</style>`;
  const index = join(out, "index.html");
  writeFileSync(index, html + components.map(section).join("\n"));
  const page = await browser.newPage({ viewport: { width: 2440, height: 900 } });
  await page.goto(pathToFileURL(index).href);
  for (const component of components)
    await page.locator(`#${component}`).screenshot({ path: join(out, `sheet-${component}.png`) });
  await page.close();
  return components.length;
}
