// The npm package's client: panels that share one connection.
import assert from "node:assert/strict";
import { test } from "node:test";
import { tone } from "../backend/samples.js";
import { ADA, alert, openPage, until } from "./harness.js";
import { browser, sayCancelled, send, servers, sockets } from "./widget.js";

const tokenOf = async (backend) => (await servers.control("token", { backend, user: ADA.name })).token;

/** Loads the package into a page with places for panels, and a client of a server as `client`. */
async function connected(kind, token) {
  const opened = await openPage(browser, `${servers.page}/demo.html`);
  await opened.page.evaluate(
    async ([kind, token]) => {
      const { connect, mount } = await import("./index.js");
      Object.assign(globalThis, { asked: 0, token, panels: {}, connect, mount });
      const server = { kind, url: `/${kind}`, path: `/${kind}/socket.io/` };
      const getToken = () => {
        globalThis.asked += 1;
        return globalThis.token;
      };
      globalThis.client = connect({ server, getToken, announce: "all" });
      /** Mounts a panel into a new place of this id. */
      globalThis.show = async (id, options) => {
        const place = document.createElement("div");
        place.id = id;
        document.body.append(place);
        globalThis.panels[id] = await mount(place, { client: globalThis.client, ...options });
      };
    },
    [kind, token],
  );
  const show = (id, options) => opened.page.evaluate(([id, options]) => globalThis.show(id, options), [id, options]);
  const panel = (id) => opened.page.locator(`#${id} > [data-telltale]`);
  return { ...opened, show, panel };
}

/** Notes from now on what each panel of the page says to a screen reader, with the id of its place. */
async function listen(page) {
  await page.evaluate(() => {
    globalThis.heard = [];
    for (const host of document.querySelectorAll("[data-telltale]"))
      for (const region of host.shadowRoot.querySelectorAll("[aria-live]"))
        new MutationObserver(() => {
          if (region.textContent) globalThis.heard.push([host.parentElement.id, region.textContent]);
        }).observe(region, { childList: true, characterData: true, subtree: true });
  });
  return () => page.evaluate(() => globalThis.heard);
}

test("panels of a client share a connection, what is fetched and what is said, and go with it", async () => {
  const token = await tokenOf("analysis");
  await servers.control("settings", { pace: 2000 });
  const media = {};
  for (const name of ["one", "two", "three"]) media[name] = await send(token, `${name}.wav`, tone(60_000));
  const { page, context, faults, show, panel } = await connected("analysis", token);
  const lists = [];
  page.on("request", (request) => lists.push(...(/\/media\?/.test(request.url()) ? [request.url()] : [])));
  for (const [name, mediaId] of Object.entries(media)) await show(name, { mediaId });
  for (const name of Object.keys(media)) await panel(name).getByText(`${name}.wav`, { exact: true }).first().waitFor();
  for (const name of Object.keys(media)) await panel(name).getByRole("button", { name: "Live", exact: true }).waitFor();
  assert.equal(await sockets(), 1);
  assert.equal(await page.evaluate(() => globalThis.asked), 1, "the token is asked for once");
  assert.ok(lists.length <= 2, `the list is fetched for all: ${lists.length}`);

  const heard = await listen(page);
  await sayCancelled(media.two);
  await until(heard, (heard) => heard.some(([, text]) => text.includes("two.wav")));
  const about = async (name) => (await heard()).filter(([, text]) => text.includes(`${name}.wav`)).map(([id]) => id);
  assert.deepEqual(await about("two"), ["one"], "the first panel speaks for all");
  // One that is out of sight is heard by nobody.
  await page.evaluate(() => (document.getElementById("one").hidden = true));
  await sayCancelled(media.three);
  await until(heard, (heard) => heard.some(([, text]) => text.includes("three.wav")));
  assert.deepEqual(await about("three"), ["two"]);

  await page.evaluate(() => globalThis.panels.two.unmount());
  assert.equal(await panel("two").count(), 0);
  await panel("three").getByRole("button", { name: "Live", exact: true }).waitFor();
  assert.equal(await sockets(), 1);
  const refused = await page.evaluate(async () => {
    globalThis.client.close();
    globalThis.client.close();
    return globalThis.show("late", { mediaId: "m1" }).catch((error) => error.message);
  });
  assert.equal(refused, "telltale: the client is closed; `connect` makes another one");
  assert.equal(await page.locator("[data-telltale]").count(), 0);
  await until(sockets, (count) => count === 0);
  assert.deepEqual(faults, []);
  await context.close();
});

test("how much is spoken counts also where it was said while the first panel was mounted", async () => {
  const token = await tokenOf("analysis");
  await servers.control("settings", { pace: 2000 });
  const media = {};
  for (const name of ["unheard", "heard"]) media[name] = await send(token, `${name}.wav`, tone(60_000));
  const { page, context, faults, show, panel } = await connected("analysis", token);
  await page.evaluate((mediaId) => {
    const mounting = globalThis.show("unheard", { mediaId });
    globalThis.client.setAnnounce("off");
    return mounting;
  }, media.unheard);
  await show("heard", { mediaId: media.heard });
  for (const name of Object.keys(media)) await panel(name).getByRole("button", { name: "Live", exact: true }).waitFor();
  const heard = await listen(page);
  await sayCancelled(media.unheard);
  await panel("unheard").getByRole("heading", { name: "Analysis cancelled" }).waitFor();
  await page.evaluate(() => globalThis.client.setAnnounce("all"));
  await sayCancelled(media.heard);
  await until(heard, (heard) => heard.some(([, text]) => text.includes("heard.wav")));
  const about = (await heard()).filter(([, text]) => text.includes("unheard.wav"));
  assert.deepEqual(about, []);
  assert.deepEqual(faults, []);
  await context.close();
});

test("that an analysis was not started again stands in its own panel alone", async () => {
  const token = await tokenOf("analysis");
  await servers.control("settings", { pace: 2000 });
  const { page, context, faults, show, panel } = await connected("analysis", token);
  const media = await send(token, "refused.wav", tone(60_000));
  await show("own", { mediaId: media });
  await show("other", { mediaId: await send(token, "other.wav", tone(60_000)) });
  await panel("other").getByText("other.wav", { exact: true }).first().waitFor();
  await sayCancelled(media);
  const path = `/media/${media}/analyze`;
  await servers.control("rest", { backend: "analysis", status: 403, count: 1, path, method: "POST" });
  await panel("own").getByRole("button", { name: "Analyze again" }).click();
  const notice = page.locator(".banner", { hasText: "Not analyzed again: refused.wav" });
  await notice.waitFor();
  assert.equal(await panel("own").locator(notice).count(), 1);
  assert.equal(await panel("other").locator(notice).count(), 0);
  assert.deepEqual(faults, []);
  await context.close();
});

test("a token of a client is renewed once for all its panels", async () => {
  const token = await tokenOf("analysis");
  const { page, context, faults, show, panel } = await connected("analysis", token);
  for (const name of ["one", "two"]) await show(name, { mediaId: await send(token, `${name}.wav`, tone(20_000)) });
  const live = (name) => panel(name).getByRole("button", { name: "Live", exact: true }).waitFor();
  await live("one");
  await servers.control("tokens", { backend: "analysis", expireAll: true });
  const next = await tokenOf("analysis");
  await page.evaluate((token) => (globalThis.token = token), next);
  await servers.control("disconnect", { backend: "analysis", how: "tcp" });
  await until(
    () => page.evaluate(() => globalThis.asked),
    (asked) => asked === 2,
  );
  for (const name of ["one", "two"]) await live(name);
  assert.equal(await page.evaluate(() => globalThis.asked), 2);
  assert.deepEqual(faults, []);
  await context.close();
});

test("a meeting of a client is watched until its last panel goes, and each panel tells of its own", async () => {
  const { page, context, faults, show, panel } = await connected("meeting", await tokenOf("analysis"));
  await page.evaluate(() => {
    globalThis.told = [];
    globalThis.alerts = [];
    document.addEventListener("telltale-alert", ({ target, detail }) =>
      globalThis.alerts.push([target.parentElement.id, detail.meetingId]),
    );
    document.addEventListener("telltale-watch", ({ target, detail }) =>
      globalThis.told.push([target.parentElement.id, detail.meetingId, detail.watched]),
    );
  });
  const told = () => page.evaluate(() => globalThis.told);
  await show("first", { meetingId: "standup" });
  await until(told, (told) => told.length === 1);
  await show("again", { meetingId: "standup" });
  await show("other", { meetingId: "review" });
  await until(told, (told) => told.length === 3);
  assert.deepEqual((await told()).sort(), [
    ["again", "standup", true],
    ["first", "standup", true],
    ["other", "review", true],
  ]);

  await page.evaluate(() => globalThis.panels.again.unmount());
  const heard = await listen(page);
  for (const meeting of ["standup", "review"]) await alert(servers, meeting, "high", "voice_clone", "Listen");
  const alerts = () => page.evaluate(() => globalThis.alerts);
  await until(alerts, (alerts) => alerts.length === 2);
  assert.deepEqual((await alerts()).sort(), [
    ["first", "standup"],
    ["other", "review"],
  ]);
  await until(heard, (heard) => ["standup", "review"].every((name) => heard.some(([, text]) => text.includes(name))));
  assert.deepEqual([...new Set((await heard()).map(([id]) => id))], ["first"]);

  const viewers = async () => (await servers.control("state")).meeting.meetings.standup?.length ?? 0;
  assert.equal(await viewers(), 1);
  await page.evaluate(() => globalThis.panels.first.unmount());
  await until(viewers, (count) => count === 0);
  await panel("other").locator(".pill", { hasText: "Watching" }).waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});

test("an element takes the connection of a client, and another one makes it another panel", async () => {
  const token = await tokenOf("analysis");
  const media = await send(token, "shared.wav", tone(20_000));
  const { page, context, faults } = await connected("analysis", token);
  await page.evaluate(async (media) => {
    await import("./element.js");
    for (const id of ["first", "second"]) {
      const element = document.createElement("telltale-progress");
      element.setAttribute("media-id", media);
      element.setAttribute("announce", "nonsense that is the client's business");
      element.client = globalThis.client;
      document.getElementById(id).append(element);
    }
  }, media);
  const live = page.locator("telltale-progress").getByRole("button", { name: "Live", exact: true });
  await until(
    () => live.count(),
    (count) => count === 2,
  );
  assert.equal(await sockets(), 1);
  await page.evaluate(() => {
    const server = { kind: "analysis", url: "/analysis", path: "/analysis/socket.io/" };
    globalThis.other = globalThis.connect({ server, token: globalThis.token });
    document.querySelector("telltale-progress").client = globalThis.other;
  });
  await until(sockets, (count) => count === 2);
  await page.evaluate(() => {
    globalThis.client.close();
    globalThis.other.close();
  });
  await until(sockets, (count) => count === 0);
  assert.equal(await page.locator("[data-telltale]").count(), 0);
  assert.deepEqual(faults, []);
  await context.close();
});

test("an option of the client is none of its panel, and what is wrong with a client is named", async () => {
  const { page, context, faults } = await connected("analysis", undefined);
  const said = await page.evaluate(async () => {
    const { connect, mount, client } = globalThis;
    const server = { kind: "analysis", url: "/analysis" };
    const place = document.getElementById("first");
    const thrown = async (act) => {
      try {
        await act();
      } catch (error) {
        return `${error.name}: ${error.message.split(":").slice(0, 2).join(":")}`;
      }
    };
    return [
      await thrown(() => connect({})),
      await thrown(() => connect({ server, mediaId: "m1" })),
      await thrown(() => connect({ server, token: 7 })),
      await thrown(() => mount(place, { client: {}, mediaId: "m1" })),
      await thrown(() => mount(place, { client, server, mediaId: "m1" })),
      await thrown(() => mount(place, { client, mediaId: "m1", onAlert() {} })),
      await thrown(() => mount(place, { client, meetingId: "standup" })),
      await thrown(() => mount(place, { client: connect({ server: { kind: "nope", url: "/" } }), mediaId: "m1" })),
      await thrown(() => client.setAnnounce("loud")),
      await thrown(() => client.setToken()),
    ];
  });
  assert.deepEqual(said, [
    "TypeError: telltale: `server` must be an object with `kind` and `url`",
    "TypeError: telltale: `mediaId` is no option of a client",
    "TypeError: telltale: `token` must be a string and is [object Number]",
    "TypeError: telltale: `client` must be what `connect` has given",
    "TypeError: telltale: `server` is no option of a media with a client",
    "TypeError: telltale: `onAlert` is no option of a media with a client",
    "TypeError: telltale: `kind` must be of a server that watches meetings; a media is shown by its `mediaId`",
    'TypeError: telltale: `server.kind` is "nope"',
    'TypeError: telltale: `announce` must be "all", "important" or "off"',
    "TypeError: telltale: a token must be a string",
  ]);
  assert.equal(await page.locator("[data-telltale]").count(), 0);
  assert.deepEqual(faults, []);
  await context.close();
});
