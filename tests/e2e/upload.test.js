// Files that are not taken, and one that its sender takes back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { noise, tone } from "../backend/samples.js";
import { pill, rowSays, signIn, stage, toList, until, upload } from "./harness.js";

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

test("the row of a file that was just sent says what it is, while it is analysed", async (t) => {
  const { page } = await it.enter(t);
  await it.servers.control("settings", { pace: 40_000 });
  t.after(() => it.servers.control("settings", { pace: 0 }));
  await upload(page, "sent.wav", tone(60_000));
  await page.getByText(/^Audio · 120 kB · received /).waitFor();
  assert.match(await page.locator("ul.media > li").first().textContent(), /Analyzing/);
});

test("an empty file is refused in words that name the cause", async (t) => {
  const { page } = await it.enter(t);
  await upload(page, "empty.wav", Buffer.alloc(0));
  const uploads = page.getByRole("region", { name: "Uploads" });
  await uploads.getByText("The file is empty.").waitFor();
  await nothingKept(page);
});

test("whoever puts one away of several that failed goes on at the next", async (t) => {
  const { page } = await it.enter(t);
  for (const name of ["one.wav", "two.wav"]) {
    await upload(page, name, Buffer.alloc(0));
    await page.getByRole("button", { name: `Dismiss: ${name}` }).waitFor();
  }
  await page.getByRole("button", { name: "Dismiss: one.wav" }).press("Enter");
  await page.getByRole("button", { name: "Dismiss: one.wav" }).waitFor({ state: "detached" });
  const focused = () => page.evaluate(() => document.activeElement.getAttribute("aria-label"));
  // Names are isolated in sentences.
  await until(focused, (label) => label?.replace(/[\u2066-\u2069]/g, "") === "Dismiss: two.wav");
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

test("what is pressed does not move away before it is let go, and the page goes on for whoever holds on", async (t) => {
  const { page, context } = await it.enter(t);
  const uploads = page.getByRole("region", { name: "Uploads" });
  const answers = [];
  await context.route("**/analysis/api/v1/media", async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    const response = await route.fetch();
    answers.push(() => route.fulfill({ response }));
  });
  // The file's row leaves with its answer, and all below it rises.
  const press = async (name) => {
    await upload(page, name, tone(20_000));
    await rowSays(page, name, "Complete");
    await uploads.waitFor();
    const { x, y, width, height } = await page.getByRole("link", { name }).boundingBox();
    await page.mouse.move(x + width / 2, y + height / 2);
    await page.mouse.down();
    const arrived = page.waitForResponse((response) => response.request().method() === "POST");
    await until(() => answers.length);
    await answers.shift()();
    await (await arrived).finished();
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  };

  await press("pressed.wav");
  await page.mouse.up();
  await page.getByRole("heading", { level: 1, name: "pressed.wav" }).waitFor();

  await toList(page);
  await press("held.wav");
  await uploads.waitFor({ state: "hidden" });
  await page.mouse.up();
});

test("many files hold nothing up: what is asked for meanwhile is answered", async (t) => {
  const { page, context } = await it.enter(t);
  const network = await context.newCDPSession(page);
  const slow = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 50_000 };
  await network.send("Network.emulateNetworkConditions", slow);
  const names = Array.from({ length: 8 }, (_, index) => `large-${index}.bin`);
  const buffer = noise(3_500_000);
  const files = names.map((name) => ({ name, mimeType: "application/octet-stream", buffer }));
  await page.locator("input[type=file]").setInputFiles(files);
  const uploads = page.getByRole("region", { name: "Uploads" });
  await until(
    () => uploads.getByText("Waits to be sent · 3.5 MB").count(),
    (count) => count === 6,
  );
  // Their bytes are on the way: whatever they take of the browser's connections is taken.
  await until(
    () => uploads.getByText(/ · [1-9]\d* kB of 3.5 MB/).count(),
    (count) => count === 2,
  );
  await page.getByRole("button", { name: "Settings" }).click();
  await page.locator("#settings select").selectOption({ label: "Deutsch" });
  await page.getByRole("heading", { level: 1, name: "Medien" }).waitFor();
  await page.keyboard.press("Escape");

  for (const name of names.toReversed()) await page.getByRole("button", { name: `Abbrechen: ${name}` }).click();
  await until(
    () => page.locator(".uploads li").count(),
    (count) => count === 0,
  );
  await nothingKept(page);
});

test("whoever leaves while a file is under way is asked by the browser, and only then", async (t) => {
  const { page, context } = await it.enter(t);
  const asked = [];
  page.on("dialog", async (dialog) => {
    asked.push(dialog.type());
    await dialog.dismiss();
  });
  const network = await context.newCDPSession(page);
  const slow = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 50_000 };
  await network.send("Network.emulateNetworkConditions", slow);
  await upload(page, "slow.bin", noise(3_500_000));
  const cancel = page.getByRole("button", { name: "Cancel: slow.bin" });
  await cancel.waitFor();
  await page.getByRole("heading", { level: 1, name: "Media" }).click();
  const left = () => page.evaluate(() => void location.reload());
  await left();
  await until(
    () => asked.length,
    (times) => times === 1,
  );
  assert.deepEqual(asked, ["beforeunload"]);

  await cancel.click();
  await cancel.waitFor({ state: "detached" });
  await left();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  assert.equal(asked.length, 1);
});

test("whoever would sign out while a file is under way is told what that stops", async (t) => {
  const { page, context } = await it.enter(t);
  const settings = page.getByRole("button", { name: "Settings" });
  const signOut = page.getByRole("button", { name: "Sign out" });
  const warning = page.getByText("1 file is not uploaded yet. Signing out stops it.");
  await settings.click();
  await signOut.waitFor();
  assert.equal(await warning.count(), 0);
  await page.keyboard.press("Escape");

  const network = await context.newCDPSession(page);
  const slow = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 50_000 };
  await network.send("Network.emulateNetworkConditions", slow);
  await upload(page, "slow.bin", noise(3_500_000));
  await page.getByRole("button", { name: "Cancel: slow.bin" }).waitFor();
  await settings.click();
  await warning.waitFor();
  assert.equal(await signOut.getAttribute("aria-describedby"), await warning.getAttribute("id"));

  await signOut.click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await network.send("Network.emulateNetworkConditions", { ...slow, uploadThroughput: -1 });
  await signIn(page);
  await page.getByRole("heading", { name: "No media yet" }).waitFor();
});

test("a file may be dropped on the page only while someone is signed in", async (t) => {
  const { page } = await it.open(t);
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await drag(page, "dragover");
  assert.equal(await page.locator(".drop:visible").count(), 0);
  await drag(page, "drop");

  await signIn(page);
  await pill(page, "Live");
  assert.equal(await drag(page, "dragover"), "kept from the browser");
  await page.getByText("Drop to upload to ").waitFor();
  assert.equal(await drag(page, "drop"), "kept from the browser");
  await page.getByRole("region", { name: "Uploads" }).getByText("The file is empty.").waitFor();
  await nothingKept(page);
});

/** Drags an empty file over the page, or drops it there; tells who deals with it. */
const drag = (page, type) =>
  page.evaluate((type) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([], "dropped.wav"));
    const event = new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer });
    return document.body.dispatchEvent(event) ? "left to the browser" : "kept from the browser";
  }, type);

async function nothingKept(page) {
  const { analysis } = await it.servers.control("state");
  assert.deepEqual(analysis.media, []);
  assert.equal(await page.locator("ul.media > li").count(), 0);
}
