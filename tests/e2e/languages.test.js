// Every view in every language: that nothing is said but what the catalogue has, that it fits, and that it can be changed.
//
// `en-XA` is English made strange: each text in brackets, each vowel with a mark. What stands on the page without them is
// a text that is not in the catalogue, unless a server said it.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { png, tone } from "../backend/samples.js";
import { ADA, openPage, scratch, stage, startServers, until, watch } from "./harness.js";

/** Where pictures of the views go, for somebody to look at; none unless set. */
const SHOTS = process.env.TELLTALE_SHOTS;

/** A run at this pace stays one while it is looked at. */
const SLOW = 60_000;

const it = stage("--pace", "0", "--retry-delay", "50", "--scenario-speed", "30");

test("no view says or shows anything that is not in the catalogue", async (t) => {
  const opened = await open(t, "en-XA");
  const { page } = opened;
  const heard = hear(page);
  await walk(page, async (view) => {
    // What runs may change between two looks, so what is heard is asked after what is seen.
    const seen = await page.evaluate(texts);
    assert.deepEqual(strangers(seen, heard), [], view);
  });
});

test("the page of a broken configuration says nothing that is not in the catalogue but what is for its maker", async (t) => {
  const folder = scratch();
  const servers = await startServers("--config", folder.file("config.json", "{}"));
  t.after(async () => {
    await servers.stop();
    folder.dispose();
  });
  const { page, context } = await openPage(it.browser, `${servers.page}/?lang=en-XA`);
  await page.locator("main h1").waitFor();
  const fault = await page.locator("[lang=en]").textContent();
  assert.match(fault, /servers is missing/);
  assert.deepEqual(
    strangers(await page.evaluate(texts), new Set([fault, "config.json", "index.html", "Telltale"])),
    [],
  );
  await context.close();
});

for (const [lang, dir] of [
  ["de", "ltr"],
  ["ar", "rtl"],
])
  test(`in ${lang} no view scrolls sideways on a narrow page, and it is read ${dir}`, async (t) => {
    const { page } = await open(t, lang, { width: 320, height: 720 });
    await walk(page, async (view) => {
      const { lang: of, dir: from, over } = await page.evaluate(measured);
      assert.deepEqual([of, from], [lang, dir], view);
      assert.deepEqual(over, [], `${view} is wider than the page`);
      if (SHOTS) await page.screenshot({ path: join(SHOTS, `${lang}-${view}.png`), fullPage: true });
    });
  });

test("in Arabic bars fill from the right, the newest score is at the left, and numbers have their forms", async (t) => {
  const { page } = await open(t, "ar");
  await enter(page);
  await it.servers.control("settings", { pace: SLOW });
  await send(page, "one.wav", tone(400_000));
  await page.getByText("عنصر واحد").waitFor();
  await send(page, "two.wav", tone(400_000));
  await page.getByText("عنصران").waitFor();
  const bar = page.locator("ul.media .bar:not([hidden])").first();
  await bar.waitFor();
  const [track, part] = await bar.evaluate((bar) =>
    [bar, bar.firstElementChild].map((element) => element.getBoundingClientRect().toJSON()),
  );
  // The sentence goes from the right, the percentage in it from the left; nothing of it may turn what comes after.
  const line = await page.locator("ul.media > li:has(.bar:not([hidden])) .line").first().evaluate(visual);
  assert.ok(line.percent > line.count && line.count > line.noun, JSON.stringify(line));
  assert.ok(Math.abs(part.right - track.right) <= 1 && part.left > track.left + 1, JSON.stringify([part, track]));

  await page.evaluate(() => (location.hash = "#/meetings"));
  await page.locator("main form button[type=button]").click();
  const spark = page.locator("svg.spark").first();
  await spark.waitFor();
  assert.match(await spark.evaluate((spark) => getComputedStyle(spark).transform), /^matrix\(-1, 0, 0, 1,/);
});

test("another language is spoken at once, nothing is lost, and it is spoken again the next time", async (t) => {
  const { page } = await it.enter(t);
  await send(page, "interview.wav", tone(20_000));
  await page.getByRole("link", { name: "interview.wav" }).waitFor();
  await page.getByLabel("Search").fill("inter");
  const first = await page.locator("ul.media > li").elementHandle();
  await page.getByRole("button", { name: "Settings" }).click();
  const choice = page.locator("#settings select");
  await until(
    () => page.locator("#polite").textContent(),
    (text) => text.includes("finished"),
  );
  const polite = await watch(page, "#polite");
  await choice.focus();
  await choice.selectOption({ label: "Deutsch" });

  await page.getByRole("heading", { level: 1, name: "Medien" }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), "de");
  assert.equal(await page.locator("#polite").getAttribute("lang"), "de");
  const said = (await polite()).filter(Boolean);
  assert.doesNotMatch(said.join(" "), /Analyse/, "what was said is not said again in another language");
  await until(
    () => page.title(),
    (title) => title === "Medien · Telltale",
  );
  await page.getByText("1 von 1 Eintrag", { exact: true }).waitFor();
  assert.equal(await page.getByLabel("Suche").inputValue(), "inter");
  assert.ok(await first.evaluate((row) => row.isConnected), "the rows stay the elements they were");
  assert.ok(await choice.evaluate((choice) => choice === document.activeElement), "the choice keeps the focus");
  assert.ok(await page.locator("#settings").evaluate((settings) => settings.matches(":popover-open")));

  await page.reload();
  await page.getByRole("button", { name: "Anmelden" }).waitFor();
  await enter(page);
  await page.getByRole("button", { name: "Einstellungen" }).click();
  assert.equal(await choice.inputValue(), "de");
  const about = page.locator("ul.media > li").first();
  await about.getByText(/ · eingegangen /).waitFor();
  await choice.selectOption({ label: "Wie der Browser" });
  await page.getByRole("heading", { level: 1, name: "Media" }).waitFor();
  await about.getByText(/ · received /).waitFor();
});

test("a language that cannot be loaded leaves the page as it is and says so", async (t) => {
  const { page, context } = await it.enter(t);
  await context.route("**/lang/*.json", (route) => route.abort());
  await page.getByRole("button", { name: "Settings" }).click();
  const choice = page.locator("#settings select");
  const before = await choice.inputValue();
  await choice.selectOption("ar");
  await page.getByRole("alert").getByText("This language could not be loaded.").waitFor();
  assert.equal(await choice.inputValue(), before);
  await context.unroute("**/lang/*.json");
  await choice.selectOption("ar");
  await page.getByRole("heading", { level: 1, name: "الوسائط" }).waitFor();
  assert.equal(await page.getByRole("alert").getByText("This language could not be loaded.").count(), 0);
});

test("a page that cannot be loaded says so in the browser's language", async (t) => {
  const { page, context } = await openPage(it.browser, "about:blank", { locale: "de-AT" });
  t.after(() => context.close());
  await context.route("**/*.wasm", (route) => route.abort());
  await page.goto(`${it.servers.page}/`);
  await page.getByRole("alert").getByText("Diese Seite konnte nicht geladen werden.").waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), "de");
});

/** A page in this language, before anybody has signed in. */
async function open(t, lang, settings) {
  const opened = await it.open(t, settings);
  await opened.page.goto(`${it.servers.page}/?lang=${lang}`);
  await opened.page.locator("main h1").waitFor();
  return opened;
}

/** Signs in, whatever the language. */
async function enter(page) {
  const form = page.locator("form:visible", { has: page.locator("[name=username]") });
  await form.locator("[name=username]").fill(ADA.name);
  await form.locator("[name=password]").fill(ADA.password);
  await form.locator("[type=submit]").click();
  await form.waitFor({ state: "hidden" });
}

const send = (page, name, buffer) =>
  page.locator("input[type=file]").setInputFiles({ name, mimeType: "application/octet-stream", buffer });

/** Brings about each view once and has it looked at. Nothing here knows a word of the page. */
async function walk(page, look) {
  const to = async (hash) => {
    await page.evaluate((hash) => (location.hash = hash), hash);
    await page.locator("main h1").waitFor();
  };
  const state = (name, tone) =>
    page.locator(`ul.media > li:has-text("${name}") .state .pill[data-tone=${tone}]`).waitFor();
  const form = page.locator("form:visible", { has: page.locator("[name=username]") });
  await look("sign-in");
  await form.locator("[name=username]").fill(ADA.name);
  await form.locator("[name=password]").fill("wrong");
  await form.locator("[type=submit]").click();
  await page.locator(".fault:visible").waitFor();
  await look("sign-in-refused");
  await enter(page);
  await page.locator("main .empty h2:visible").first().waitFor();
  await look("list-empty");

  await send(page, "done.wav", tone(20_000));
  await state("done.wav", "ok");
  await it.servers.control("fail", { backend: "analysis", model: "container-structure", times: 3 });
  await send(page, "partly.png", png(300));
  await page
    .locator('ul.media > li:has-text("partly.png") .state .pill:not([data-tone=run]):not([data-tone=mute])')
    .waitFor();
  await it.servers.control("settings", { pace: SLOW });
  await send(page, "running.wav", tone(400_000));
  await state("running.wav", "run");
  await page
    .locator("button.unfold:visible")
    .click({ timeout: 500 })
    .catch(() => {});
  await look("list");
  await page.locator(".tools input[type=search]").fill("nothing has this name");
  await page.locator("main .empty h2:visible").waitFor();
  await look("list-nothing-found");
  await page.locator("main .empty:visible button").click();

  await page.locator("header [popovertarget=settings]").click();
  // What a person chooses of what reaches them elsewhere is among the settings.
  await page.locator("#settings input[type=checkbox]").nth(1).waitFor();
  await look("settings");
  await page.keyboard.press("Escape");
  const pause = page.locator("header button[aria-pressed]");
  await pause.click();
  await page.locator(".banner:visible button").waitFor();
  await look("paused");
  await pause.click();
  await page.locator("#conn").click();
  await page.locator(".servers summary").first().click();
  await look("servers");
  await page.keyboard.press("Escape");
  await page.locator(".toast [aria-expanded=false]").first().click();
  await look("dock");

  for (const name of ["running.wav", "done.wav", "partly.png"]) {
    await to("#/media");
    await page.locator(`ul.media a:has-text("${name}")`).click();
    await page.locator("main ul.models > li").first().waitFor();
    await look(`media-${name.split(".")[0]}`);
  }
  await to("#/media/Analysis/nobody-knows-it");
  await look("media-unknown");
  await to("#/media/nowhere/1");
  await look("server-unknown");

  await to("#/meetings");
  await page.locator("main form").waitFor();
  await look("meetings");
  await page.locator("main form button[type=button]").click();
  await page.locator("li.alert[data-urgent]").first().waitFor();
  await look("meeting");
  await page.locator("li.alert button:visible").first().click();
  await page.locator("li.alert[data-seen]").first().waitFor();
  await page.locator("main ol.trail > li").nth(4).waitFor();
  await look("meeting-acknowledged");

  const meeting = await page.evaluate(() => location.hash);
  await to("#/activity");
  await page.locator("ol.log > li").nth(4).waitFor();
  await look("activity");
  await page.locator(".tools input[type=search]").fill("nothing has this name");
  await page.locator("main .quiet:visible").waitFor();
  await look("activity-nothing-found");
  await to(meeting);

  await it.servers.control("listener", { action: "stop" });
  await page.locator("#banner:visible").waitFor();
  await look("meeting-connection-lost");
  await to("#/media");
  await look("list-connection-lost");
  await it.servers.control("listener", { action: "start" });
  await page.locator("#banner").waitFor({ state: "hidden" });
  await it.servers.control("tokens", { expireAll: true });
  await it.servers.control("disconnect", { backend: "analysis", how: "tcp" });
  await page.locator("#banner button.primary:visible").click();
  await page.locator("dialog[open]").waitFor();
  await look("sign-in-again");
}

/** All that servers say to the page from now on: the strings and the names in their answers and their messages. */
function hear(page) {
  const heard = new Set([ADA.name, "demo", "nothing has this name", "Telltale", "English", "Deutsch", "العربية"]);
  const add = (value) => {
    if (typeof value === "string") heard.add(value);
    else if (value && typeof value === "object") Object.entries(value).flat().forEach(add);
  };
  const read = (text) => {
    try {
      add(JSON.parse(text.slice(Math.max(0, text.search(/[[{]/)))));
    } catch {
      // No JSON, so no texts.
    }
  };
  page.on("websocket", (socket) => socket.on("framereceived", ({ payload }) => read(String(payload))));
  page.on("response", async (response) => {
    if (!/\/lang\//.test(response.url())) read(await response.text().catch(() => ""));
  });
  for (const name of ["done.wav", "partly.png", "running.wav"]) heard.add(name);
  for (const server of ["Analysis", "Library", "Meetings", "Interviews"]) heard.add(server);
  return heard;
}

/** What of these texts is neither from the catalogue nor a server's, nor a date. */
function strangers(seen, heard) {
  const forms = new Set();
  for (const text of heard)
    for (const line of text.split("\n")) {
      const plain = line.trim().replace(/\s+/g, " ");
      const spaced = plain.replace(/[_.-]/g, " ").replace(/([a-z\d])([A-Z])/g, (_, a, b) => `${a} ${b.toLowerCase()}`);
      for (const form of [plain, plain.replaceAll("_", " "), spaced, spaced.charAt(0).toUpperCase() + spaced.slice(1)])
        if (/\p{L}/u.test(form) && form.length > 1) forms.add(form);
    }
  const foreign = [...forms].sort((one, other) => other.length - one.length);
  const dates =
    /\b(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|[AP]M|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\p{L}*)\b/gu;
  return seen.filter((text) => {
    let rest = text.replace(dates, "");
    for (const form of foreign) rest = rest.replaceAll(form, "");
    // Within brackets every vowel has a mark; without them there is no letter at all.
    if (/[aeiou]/i.test(rest)) return true;
    let depth = 0;
    for (const letter of rest) {
      if (letter === "⟦") depth += 1;
      else if (letter === "⟧") depth -= 1;
      else if (depth === 0 && /\p{L}/u.test(letter)) return true;
    }
    return depth !== 0;
  });
}

/** In the page: what is seen of it, what it is called, and what is read aloud of its parts. */
function texts() {
  const found = new Set([document.title]);
  // Whoever types or chooses an option sees more than one line of a list: the options are the page's texts, too.
  for (const line of document.body.innerText.split("\n")) found.add(line.trim());
  for (const option of document.querySelectorAll("option")) found.add(option.textContent.trim());
  for (const element of document.querySelectorAll("body *")) {
    if (!element.checkVisibility() || element.closest("[aria-hidden=true]")) continue;
    for (const name of ["aria-label", "aria-valuetext", "aria-description", "title", "placeholder", "alt"])
      if (element.hasAttribute(name)) found.add(element.getAttribute(name).trim());
  }
  found.delete("");
  return [...found];
}

/** In the page: how far right the parts of a row's line stand: its percentage, how many models are done, their noun. */
function visual(line) {
  const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
  const node = walker.nextNode();
  const left = (from, length) => {
    const range = document.createRange();
    range.setStart(node, from);
    range.setEnd(node, from + length);
    return range.getBoundingClientRect().left;
  };
  const text = node.data;
  const count = text.indexOf("،") + 2;
  return { text, percent: left(text.search(/\d/), 1), count: left(count, 1), noun: left(text.length - 5, 5) };
}

/** In the page: its language and direction, and what reaches beyond its sides. */
function measured() {
  const { lang, dir, clientWidth, scrollWidth } = document.documentElement;
  const over = [];
  if (scrollWidth > clientWidth)
    for (const element of document.querySelectorAll("body *")) {
      const { left, right, width } = element.getBoundingClientRect();
      if (width > 0 && (left < -1 || right > clientWidth + 1)) over.push(element.outerHTML.slice(0, 120));
    }
  return { lang, dir, over: over.slice(0, 5) };
}
