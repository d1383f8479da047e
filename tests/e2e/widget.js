// What the tests of the npm package share: a page of its own, plain HTML with loud styles and a strict policy, without
// Leptos and Trunk; servers behind it, and what is done at them.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";
import { tone } from "../backend/samples.js";
import { ADA, openPage, startBrowser, startServers } from "./harness.js";

const PACKAGE = fileURLToPath(new URL("../../pkg", import.meta.url));

export let servers;
export let browser;
before(async () => {
  [servers, browser] = await Promise.all([startServers("--dist", PACKAGE, "--pace", "0"), startBrowser()]);
});
after(async () => {
  await browser?.close();
  await servers?.stop();
});

/**
 * Mounts a panel, of the analysis server if the options name no other; the page keeps its handle as `panel`. A function
 * is given by its name in the page.
 */
export async function mount(page, id, options) {
  const server = { kind: "analysis", url: "/analysis", path: "/analysis/socket.io/" };
  await page.evaluate(
    async ([id, { onCancel, ...options }]) => {
      const { mount } = await import("./index.js");
      const call = onCancel && globalThis[onCancel];
      globalThis.panel = await mount(document.getElementById(id), { ...options, onCancel: call });
    },
    [id, { server, ...options }],
  );
}

/** Notes from now on each overall percentage that a panel shows, however short. @returns {Promise<() => Promise<number[]>>} */
export async function note(page, id) {
  await page.evaluate((id) => {
    const noted = (globalThis.noted = []);
    const root = document.querySelector(`#${id} [data-telltale]`).shadowRoot;
    const look = () => {
      const bar = root.querySelector("[role=progressbar]");
      const now = bar && !bar.closest("[hidden]") ? Number(bar.getAttribute("aria-valuenow")) : undefined;
      if (now !== undefined && now !== noted.at(-1)) noted.push(now);
    };
    look();
    new MutationObserver(look).observe(root, { attributes: true, childList: true, characterData: true, subtree: true });
  }, id);
  return () => page.evaluate(() => globalThis.noted);
}

/** How many models the server runs on a sound. */
export async function audioModels(token) {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${servers.page}/analysis/api/v1/monitoring/server-status`, { headers });
  return (await response.json()).data.models_info.filter(({ isAudio }) => isAudio).length;
}

/** A page without a panel, and a media of which the analysis takes long. */
export async function analysing(name, options) {
  const { token } = await servers.control("token", { backend: "analysis", user: ADA.name });
  await servers.control("settings", { pace: 2000 });
  const media = await send(token, name, tone(60_000));
  return { token, media, ...(await openPage(browser, `${servers.page}/demo.html`, options)) };
}

/** Has the server say of a media that its analysis was cancelled. */
export async function sayCancelled(media) {
  const [row] = (await servers.media()).filter(({ id }) => id === media);
  const runs = row.analysisRuns.map((run) => ({ ...run, status: "CANCELLED" }));
  const args = [{ ...row, status: "CANCELLED", analysisRuns: runs }];
  await servers.control("emit", { backend: "analysis", event: "media_update", args, to: { user: ADA.name } });
}

/** Uploads a file as the page of somebody else would, and gives back its id. */
export async function send(token, name, content) {
  const form = new FormData();
  form.append("media", new Blob([content]), name);
  const response = await fetch(`${servers.page}/analysis/api/v1/media`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: form,
  });
  assert.equal(response.status, 202);
  return (await response.json()).data.id;
}

/** Has a media analysed once more. */
export async function again(token, media) {
  const response = await fetch(`${servers.page}/analysis/api/v1/media/${media}/analyze`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
  });
  assert.equal(response.status, 202);
}

/** How many Socket.IO connections the server has. */
export async function sockets() {
  const state = await servers.control("state");
  return state.analysis.sockets;
}
