/**
 * A Chromium driven by its own protocol, for what Playwright prevents: it keeps every page visible and focused, and a
 * page that is seen is never frozen. And for what it costs: it has the browser report every frame of every socket.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { WebSocket } from "ws";
import { makeProfile, removeProfile } from "../e2e/profile.js";

/** A browser of its own, ended by `close`. */
export async function startHidable() {
  const profile = makeProfile("telltale-conformance-");
  const child = spawn(
    process.env.CHROME ?? "/usr/bin/chromium",
    [
      "--headless=new",
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--remote-debugging-port=0",
      `--user-data-dir=${profile}`,
      "about:blank",
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let address;
  for await (const line of createInterface({ input: child.stderr })) {
    [, address] = /DevTools listening on (ws:\S+)/.exec(line) ?? [];
    if (address) break;
  }
  child.stderr.resume();
  const wire = new WebSocket(address);
  await once(wire, "open");
  const waiting = new Map();
  wire.on("message", (text) => {
    const { id, result, error } = JSON.parse(text);
    if (id === undefined) return;
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error) reject(new Error(error.message));
    else resolve(result);
  });
  let last = 0;
  const send = (method, params = {}, sessionId = undefined) =>
    new Promise((resolve, reject) => {
      waiting.set(++last, { resolve, reject });
      wire.send(JSON.stringify({ id: last, method, params, sessionId }));
    });
  return {
    /** Which browser it is. */
    version: async () => (await send("Browser.getVersion")).product,
    /** Opens a page in a tab of its own, in front. */
    async open(url) {
      const { targetId } = await send("Target.createTarget", { url });
      const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
      return {
        /** Any command of the protocol, to this page. */
        send: (method, params) => send(method, params, sessionId),
        show: () => send("Target.activateTarget", { targetId }),
        /** Stops all that runs in it, which must be hidden. */
        freeze: () => send("Page.setWebLifecycleState", { state: "frozen" }, sessionId),
        resume: () => send("Page.setWebLifecycleState", { state: "active" }, sessionId),
        async evaluate(expression) {
          const how = { expression, returnByValue: true, awaitPromise: true };
          const { result, exceptionDetails } = await send("Runtime.evaluate", how, sessionId);
          if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
          return result.value;
        },
        close: () => send("Target.closeTarget", { targetId }),
      };
    },
    async close() {
      const exited = once(child, "exit");
      wire.terminate();
      child.kill("SIGTERM");
      await exited;
      await removeProfile(profile);
    },
  };
}
