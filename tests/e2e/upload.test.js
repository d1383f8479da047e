// Files that are not taken, and one that its sender takes back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { noise, tone } from "../backend/samples.js";
import { rowSays, stage, until, upload } from "./harness.js";

const it = stage("--pace", "0", "--max-upload", "4000000");

test("a file above the server's limit is refused in words that name the cause", async (t) => {
  const { page } = await it.enter(t);
  await upload(page, "huge.bin", noise(5_000_000));
  const uploads = page.getByRole("region", { name: "Uploads" });
  await uploads.getByText("Not uploaded").waitFor();
  assert.match(await uploads.textContent(), /The file is larger than the server takes\./);
  await nothingKept(page);
  await uploads.getByRole("button", { name: "Dismiss: huge.bin" }).click();
  await until(
    () => uploads.count(),
    (count) => count === 0,
  );
});

test("an empty file is refused in words that name the cause", async (t) => {
  const { page } = await it.enter(t);
  await upload(page, "empty.wav", Buffer.alloc(0));
  const uploads = page.getByRole("region", { name: "Uploads" });
  await uploads.getByText("The file is empty.").waitFor();
  await nothingKept(page);
});

test("an upload that is cancelled is gone, here and on the server", async (t) => {
  const { page, context } = await it.enter(t);
  const network = await context.newCDPSession(page);
  await network.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: 100_000,
  });
  await upload(page, "regretted.bin", noise(3_000_000));
  const uploads = page.getByRole("region", { name: "Uploads" });
  await uploads.getByRole("button", { name: "Cancel: regretted.bin" }).click();
  await until(
    () => uploads.count(),
    (count) => count === 0,
  );
  await network.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: -1,
  });
  // The next file goes through, and it is the only one.
  await upload(page, "wanted.wav", tone(20_000));
  await rowSays(page, "wanted.wav", "Complete");
  const { analysis } = await it.servers.control("state");
  assert.deepEqual(
    analysis.media.map(({ filename }) => filename),
    ["wanted.wav"],
  );
  assert.equal(await page.locator("ul.media > li").count(), 1);
});

async function nothingKept(page) {
  const { analysis } = await it.servers.control("state");
  assert.deepEqual(analysis.media, []);
  assert.equal(await page.locator("ul.media > li").count(), 0);
}
