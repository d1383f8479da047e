/**
 * Several instances behind one Redis, a real one that the test starts: every instance subscribes and emits through the
 * adapter, so n instances deliver each progress event n times. That is the trap that clients must survive.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { bearer, serve, signIn } from "./harness.js";
import { tone } from "./samples.js";

test("with Redis, three instances deliver each progress event three times to each client", async (t) => {
  const redis = await startRedis();
  const options = { redisUrl: redis.url };
  const instances = [await serve(t, options), await serve(t, options), await serve(t, options)];
  // Hooks run in this order: the instances end before what they hold on to.
  t.after(redis.stop);
  const token = await signIn(instances[0], "analysis");
  const client = await instances[1].connect(t, "analysis", { auth: { token } });
  const copies = new Map();
  const ended = new Promise((resolve) => {
    client.socket.on("progress_update", ({ event, message, data }) => {
      // All but the time of relaying, in which the copies differ.
      const key = JSON.stringify([event, message, data]);
      copies.set(key, (copies.get(key) ?? 0) + 1);
      const isEnd = event === "ANALYSIS_COMPLETE" && data?.model_name === undefined;
      if (isEnd && copies.get(key) === instances.length) resolve();
    });
  });

  const { status } = await instances[0].upload("/analysis/api/v1/media", "media", "a.wav", tone(20_000), bearer(token));
  assert.equal(status, 202);
  await ended;

  const often = [...copies.values()];
  assert.ok(often.length > 20, `${often.length} different events`);
  assert.ok(
    often.every((count) => count === instances.length),
    JSON.stringify([...copies].filter(([, count]) => count !== instances.length)),
  );
});

/** A Redis of the test's own on a free port, without a file. */
async function startRedis() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  const options = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
  const child = spawn("redis-server", options, { stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: child.stdout })) if (/Ready to accept/.test(line)) break;
  child.stdout.resume();
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      await exited;
    },
  };
}
