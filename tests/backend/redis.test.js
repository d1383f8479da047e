/**
 * Several instances behind one Redis, a real one that the test starts: every instance subscribes and emits through the
 * adapter, so n instances deliver each progress event n times. That is the trap that clients must survive.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bearer, serve, signIn } from "./harness.js";
import { startRedis } from "./redis.js";
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
