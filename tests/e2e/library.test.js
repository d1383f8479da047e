// The video library and the interviews on the same page: other vocabularies, other words, the same truth.
import assert from "node:assert/strict";
import { test } from "node:test";
import { mp4, noise } from "../backend/samples.js";
import { ended, row, rowSays, stage, upload } from "./harness.js";

const it = stage("--pace", "0", "--retry-delay", "50");

const toLibrary = (page) => page.getByLabel("Upload to").selectOption({ label: "Library" });

test("a video is analyzed by the library to its own verdict", async (t) => {
  const { page } = await it.enter(t);
  await toLibrary(page);
  await upload(page, "pier.mp4", mp4(30_000));
  await rowSays(page, "pier", "Complete");
  const { library } = await it.servers.control("state");
  const verdict = library.videos[0].sensitivityStatus;
  await row(page, "pier").getByRole("link").click();
  await ended(page, "Analysis complete");
  const result = page.getByRole("region", { name: "Result", exact: true });
  await result
    .getByText(verdict === "flagged" ? /Flagged/ : /Safe/)
    .first()
    .waitFor();
  assert.equal(await page.getByText("models say").count(), 0, "a library has no models");
  const rows = page.getByRole("list", { name: "Analyses" }).getByRole("listitem");
  assert.equal(await rows.locator(".name").innerText(), "Analysis", "nor a name for what it does");
});

test("a video that cannot be read has failed once its attempts are used up, in the server's words", async (t) => {
  // Its failures have no time: only pauses like those of the real queue tell three attempts from three copies.
  await it.servers.control("settings", { retryDelay: 3500 });
  const { page } = await it.enter(t);
  await toLibrary(page);
  await upload(page, "broken.mp4", noise(3000));
  await rowSays(page, "broken", "Failed");
  const card = page.locator(".toast", { hasText: "Analysis failed" });
  await card.waitFor();
  assert.equal(await card.getByRole("button", { name: "Retry" }).count(), 0, "the library analyses nothing again");
});
