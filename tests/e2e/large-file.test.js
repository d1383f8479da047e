// A file of 30 MB, as people have them.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { mp4 } from "../backend/samples.js";
import { ended, row, scratch, stage } from "./harness.js";

const it = stage("--pace", "0");
const folder = scratch();
after(() => folder.dispose());

test("a file of 30 MB is uploaded and analysed", async (t) => {
  const content = mp4(30_000_000);
  const file = folder.file("film.mp4", content);
  const { page } = await it.enter(t);
  await page.evaluate(() => {
    window.latest = 0;
    let due = performance.now() + 50;
    setInterval(() => {
      window.latest = Math.max(window.latest, performance.now() - due);
      due = performance.now() + 50;
    }, 50);
  });
  await page.locator("input[type=file]").setInputFiles(file);
  await row(page, "film.mp4").waitFor({ timeout: 30_000 });
  await page.getByRole("link", { name: "film.mp4" }).click();
  await ended(page, "Analysis complete", 30_000);
  const [item] = await it.servers.media();
  assert.equal(item.size, content.length);
  t.diagnostic(
    `an interval of 50 ms in the page was at most ${Math.round(await page.evaluate(() => window.latest))} ms late`,
  );
});
