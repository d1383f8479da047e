// `node tests/demo/hostile-all.js [COMPONENT[/STATE]]`: each payload in each text of each view, with none left out. Ends with
// `hostile: N payloads × C cells, V visits, 0 faults`, or says which visits found what and fails.
import { startBrowser } from "../e2e/harness.js";
import { cells } from "./gallery.js";
import { serveDemo } from "./serve.js";
import { ENOUGH, openPages, PARTS, payloads, visitAll, visitsOf } from "./visits.js";

const [component, state] = (process.argv[2] ?? "").split("/");
const isWanted = (cell) => !component || (cell.component === component && (!state || cell.state === state));

const [browser, demo] = await Promise.all([startBrowser(), serveDemo()]);
const faults = [];
try {
  const pages = await openPages({ browser, demo });
  const wanted = (await cells(pages[0].page, demo.url)).filter(isWanted);
  if (wanted.length === 0) throw new Error(`no cell is called ${process.argv[2]}: see the demonstration's #/gallery`);
  let visits = 0;
  for (const part of PARTS) {
    const all = wanted.flatMap((cell) => visitsOf(cell, part));
    const { found, made, seconds } = await visitAll(pages, all);
    faults.push(...found);
    for (const fault of found) console.error(`fault: ${fault}`);
    visits += made;
    console.log(`${part}: ${made} of ${all.length} visits in ${seconds} s`);
  }
  for (const page of pages)
    await page.close().catch(({ message }) => {
      faults.push(message);
      console.error(`fault: ${message}`);
    });
  const more = faults.length >= ENOUGH ? " and maybe more" : "";
  console.log(
    `hostile: ${payloads.length} payloads × ${wanted.length} cells, ${visits} visits, ${faults.length} faults${more}`,
  );
} finally {
  await Promise.all([browser.close(), demo.close()]);
}
process.exit(faults.length > 0 ? 1 : 0);
