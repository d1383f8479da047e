// A wrong or missing config.json gives a page that says which key is wrong.
import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { after, test } from "node:test";
import { scratch, stage } from "./harness.js";

const folder = scratch();
const file = folder.file("config.json", "{}");
after(() => folder.dispose());
const it = stage("--config", file);

for (const [what, text, says] of [
  ["that is no JSON", '{ "servers": [', /the file is not JSON: /],
  ["without servers", "{}", /servers is missing/],
  [
    "with a kind that nobody speaks",
    '{ "servers": [{ "kind": "telepathy", "url": "/analysis" }] }',
    /servers\[0\]\.kind is "telepathy": it must be "analysis"/,
  ],
  [
    "with a key that nobody reads",
    '{ "servers": [{ "kind": "analysis", "url": "/analysis" }, { "kind": "library", "uri": "/library" }] }',
    /servers\[1\]\.uri is no setting/,
  ],
  [
    "with a URL that would send tokens nowhere good",
    '{ "servers": [{ "kind": "analysis", "url": "ftp://example.org" }] }',
    /servers\[0\]\.url is "ftp:\/\/example\.org"/,
  ],
]) {
  test(`a configuration ${what} is told by its key`, async (t) => {
    writeFileSync(file, text);
    const { page } = await it.open(t);
    assert.match(await fault(page), says);
  });
}

test("a missing configuration is told with the server's answer", async (t) => {
  rmSync(file, { force: true });
  const { page } = await it.open(t);
  assert.match(await fault(page), /config\.json could not be fetched: the server answered 404/);
});

async function fault(page) {
  await page.getByRole("heading", { name: "This page is not set up" }).waitFor();
  assert.equal(await page.getByLabel("Password").count(), 0);
  return page.locator("main").textContent();
}
