// Who is let in, what happens when that ends, and where the token never is.
import assert from "node:assert/strict";
import { test } from "node:test";
import { tone } from "../backend/samples.js";
import { ADA, ended, holdFrames, pill, row, rowSays, signIn, stage, until, upload, uploadAndOpen } from "./harness.js";

const it = stage("--pace", "0");

/** A token as the servers sign them. */
const TOKEN = /eyJ[\w-]+\.[\w-]+\.[\w-]+/g;

test("a wrong password is told, keeps the focus in the form and leaves nothing behind", async (t) => {
  const { page, context } = await it.open(t);
  const alert = page.locator("form").getByRole("alert");
  const region = await alert.elementHandle();
  assert.equal(await alert.textContent(), "");
  await signIn(page, { ...ADA, password: "wrong" });
  await page.getByText("The e-mail or the password is wrong. Check both and try again.").waitFor();
  assert.match(await alert.textContent(), /password is wrong/);
  assert.ok(await alert.evaluate((now, before) => now === before, region), "a region that was there before speaks");
  const password = page.getByLabel("Password");
  assert.equal(await password.inputValue(), "");
  assert.equal(await password.getAttribute("aria-invalid"), "true");
  assert.ok(await password.evaluate((input) => input === document.activeElement));
  assert.match(
    await password.evaluate((input) => document.getElementById(input.getAttribute("aria-describedby")).textContent),
    /password is wrong/,
  );
  assert.deepEqual(await stored(page), {});
  assert.deepEqual(await context.cookies(), []);
  assert.equal((await it.servers.control("state")).analysis.sockets, 0);

  await signIn(page);
  await pill(page, "Live");
});

test("an expired session keeps what is shown, and signing in again brings it back to life", async (t) => {
  const { page } = await it.enter(t);
  await upload(page, "kept.wav", tone(20_000));
  await rowSays(page, "kept.wav", "Complete");

  await it.servers.control("tokens", { expireAll: true });
  for (const backend of ["analysis", "library", "interview"])
    await it.servers.control("disconnect", { backend, how: "tcp" });
  await pill(page, "Sign in again");
  const banner = page.getByRole("region", { name: "Connection status" });
  await banner.getByText("Your session has ended. Sign in again to see live updates.").waitFor();
  assert.match(await row(page, "kept.wav").textContent(), /Complete/);

  await banner.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("dialog", { name: "Sign in again" }).waitFor();
  await signIn(page);
  await pill(page, "Live");
  await until(
    () => page.getByRole("dialog").count(),
    (open) => open === 0,
  );
  assert.equal(await page.locator("dialog input[name=password]").inputValue(), "");
  assert.match(await row(page, "kept.wav").textContent(), /Complete/);
  await upload(page, "after.wav", tone(20_000));
  await rowSays(page, "after.wav", "Complete");
});

test("an answer that comes before the next frame closes the dialog that asked, and a second refusal is told like the first", async (t) => {
  const { page } = await it.enter(t);
  await it.servers.control("tokens", { expireAll: true });
  for (const backend of ["analysis", "library", "interview"])
    await it.servers.control("disconnect", { backend, how: "tcp" });
  await pill(page, "Sign in again");
  await page.getByRole("region", { name: "Connection status" }).getByRole("button", { name: "Sign in" }).click();
  const dialog = page.getByRole("dialog", { name: "Sign in again" });
  let answered = 0;
  for (const event of ["requestfinished", "requestfailed"])
    page.on(event, (request) => (answered += request.method() === "POST" ? 1 : 0));
  const signInWithin = async (account) => {
    const release = await holdFrames(page);
    const before = answered;
    await signIn(page, account);
    await until(() => answered >= before + 3);
    await release();
  };

  for (let refusals = 0; refusals < 2; refusals++) {
    await signInWithin({ ...ADA, password: "wrong" });
    await dialog.locator("p.fault").waitFor();
    await until(() => dialog.getByLabel("Password").evaluate((field) => field === document.activeElement));
    await dialog.getByLabel(/e-?mail/i).focus();
  }
  await signInWithin(ADA);
  await until(
    () => dialog.count(),
    (open) => open === 0,
  );
  await pill(page, "Live");
});

test("whoever signs in where the session of another one ended finds nothing of theirs", async (t) => {
  const { page } = await it.enter(t);
  await page.getByLabel("Search").fill("secret");
  await upload(page, "secret-of-ada.wav", tone(2_000));
  await rowSays(page, "secret-of-ada.wav", "Complete");
  await row(page, "secret-of-ada.wav").getByRole("link").click();
  await ended(page, "Analysis complete");
  await it.servers.control("tokens", { expireAll: true });
  for (const backend of ["analysis", "library", "interview"])
    await it.servers.control("disconnect", { backend, how: "tcp" });
  await pill(page, "Sign in again");
  await page.getByRole("region", { name: "Connection status" }).getByRole("button", { name: "Sign in" }).click();

  await signIn(page, { name: "grace@telltale.test", password: "interview" });

  await page.getByRole("heading", { name: "Media", level: 1 }).waitFor();
  await pill(page, "Live");
  assert.equal(await page.getByText("secret").count(), 0);
  assert.equal(await page.getByLabel("Search").inputValue(), "");
  assert.ok(!page.url().includes("secret"));
});

test("a reload asks to sign in again", async (t) => {
  const { page } = await it.enter(t);
  await page.reload();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  assert.equal(await page.getByRole("heading", { name: "Media" }).count(), 0);
});

test("a token is in no address, no storage, no element and no console, and the page keeps to its policy", async (t) => {
  const { page, context, urls, said } = await it.open(t);
  const sent = [];
  page.on("websocket", (socket) => socket.on("framesent", ({ payload }) => sent.push(String(payload))));
  const { headers } = await fetch(`${it.servers.page}/`);
  const policy = headers.get("content-security-policy");
  assert.match(policy, /default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self';/);
  assert.doesNotMatch(policy, /unsafe-inline|'unsafe-eval'/);

  await signIn(page);
  await pill(page, "Live");
  await uploadAndOpen(page, "canary.wav", tone(20_000));
  await ended(page, "Analysis complete");
  await page.getByRole("link", { name: "Meetings" }).click();
  await page.getByRole("heading", { name: "Meetings" }).waitFor();

  // Each server that signs people in has been given a token of its own, in a packet.
  const tokens = new Set(sent.flatMap((packet) => packet.match(TOKEN) ?? []));
  assert.equal(tokens.size, 3);
  const carried = (where) => [...tokens].filter((token) => where.some((text) => text.includes(token)));
  assert.deepEqual(carried(urls), []);
  assert.deepEqual(carried(said), []);
  assert.deepEqual(carried([await page.content(), page.url()]), []);
  assert.deepEqual(await stored(page), {});
  assert.equal(await page.evaluate(() => document.cookie), "");
  assert.deepEqual(
    (await context.cookies()).filter(({ httpOnly }) => !httpOnly),
    [],
  );
  assert.deepEqual(await page.evaluate(() => window.violations), []);
  assert.deepEqual(
    said.filter((line) => line.startsWith("error")),
    [],
  );
});

/** All that the page has put into the browser's stores. */
const stored = (page) =>
  page.evaluate(async () => {
    const databases = Object.fromEntries((await indexedDB.databases()).map(({ name }) => [name, "database"]));
    return { ...localStorage, ...sessionStorage, ...databases };
  });
