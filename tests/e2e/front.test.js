// What a first visit loads, and what is loaded when somebody turns to the form.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { ADA, pill, scratch, signIn, stage, until } from "./harness.js";

const it = stage("--pace", "0");
const folder = scratch();
after(() => folder.dispose());
const open = stage(
  "--config",
  folder.file("config.json", JSON.stringify({ servers: [{ kind: "meeting", url: "/meeting" }] })),
);

/** The parts of the program that are loaded later, and what they share. */
const LATER = /(split|chunk)_\w+\.wasm$/;
const later = (urls) => urls.filter((url) => LATER.test(url)).length;
const session = (urls) => urls.filter((url) => url.endsWith("/split_session.wasm")).length;
const debug = (urls) => urls.filter((url) => url.endsWith("/split_debug.wasm")).length;

test("a first visit loads the form and no more, and the rest comes when somebody turns to it", async (t) => {
  const { page, urls } = await it.open(t);
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.waitForLoadState("networkidle");
  assert.ok(
    urls.some((url) => url.endsWith("_bg.wasm")),
    urls.join("\n"),
  );
  assert.equal(later(urls), 0, urls.join("\n"));

  await page.getByLabel("E-mail or user name").focus();
  await until(() => later(urls));
  await page.getByLabel("Password").focus();
  await signIn(page);
  await pill(page, "Live");
  assert.equal(session(urls), 1, "it is loaded once");
  assert.equal(debug(urls), 0, "nobody has opened the debug panel");
});

test("whoever signs in is led to the heading of the page they asked for", async (t) => {
  const { page } = await it.open(t);
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.evaluate(() => (location.hash = "#/activity"));
  await signIn(page);
  await page.getByRole("heading", { name: "Activity" }).waitFor();
  await until(() => page.getByRole("heading", { name: "Activity" }).evaluate((at) => at === document.activeElement));
  assert.equal(await page.title(), "Activity · Telltale");
});

test("whoever signs in while the rest cannot be loaded is told, and may try again", async (t) => {
  const { page, context, faults } = await it.open(t);
  await context.route(LATER, (route) => route.abort());
  await signIn(page);
  const alert = page.locator("form").getByRole("alert");
  await until(
    () => alert.textContent(),
    (text) => /The rest of this page could not be loaded\. Check your network/.test(text),
  );
  assert.ok(await page.getByLabel("Password").evaluate((input) => input === document.activeElement));

  await context.unroute(LATER);
  await signIn(page);
  await pill(page, "Live");
  // Chromium and the loader say what they could not load; nothing else went wrong.
  const expected = /Failed to load resource|Failed to fetch|net::ERR_FAILED/;
  assert.deepEqual(
    faults.splice(0).filter((fault) => !expected.test(fault)),
    [],
  );
});

test("the language and the theme can be chosen before anybody has signed in", async (t) => {
  const { page, urls } = await it.open(t);
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByRole("combobox", { name: "Language" }).selectOption("de");
  await page.getByRole("heading", { name: "Anmelden" }).waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "de");
  assert.equal(later(urls), 0);

  await page.keyboard.press("Escape");
  await page.locator("input[name=username]").fill(ADA.name);
  await page.locator("input[name=password]").fill(ADA.password);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Medien" }).waitFor();
});

test("a page whose servers ask nobody to sign in loads everything at once", async (t) => {
  const { page, urls } = await open.open(t);
  await page.getByRole("heading", { name: "Media", exact: true, level: 1 }).waitFor();
  assert.equal(session(urls), 1);
  assert.equal(await page.getByRole("heading", { name: "Sign in" }).count(), 0);
});

test("a page whose parts cannot be loaded says so in words", async (t) => {
  const { context, faults } = await open.open(t);
  await context.route(LATER, (route) => route.abort());
  const page = await context.newPage();
  await page.goto(`${open.servers.page}/`);
  await page.getByText("This page could not be loaded. Check your network, then reload it.").waitFor();
  faults.splice(0);
});
