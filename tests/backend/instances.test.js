/**
 * The real thing: three instances behind a real Redis, each of which subscribes to the progress channel and emits through
 * the adapter, so that every event arrives three times and out of order; 10,000 of them, of several media, with retries,
 * failures for good and second runs; and a whole session, driven natively over a real WebSocket and real HTTP, that must
 * show in the end what the server's REST says, and must have told each end once.
 *
 * Law: nothing waits for time. The servers' end markers say when all is published, the subscriber at Redis counts what
 * was, a plain client counts what arrived, and the session says by itself when what it shows is different.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { createClient } from "redis";
import { ADA, bearer, serve, signIn } from "./harness.js";
import { startRedis } from "./redis.js";
import { png, tone } from "./samples.js";

const MEDIA = "/analysis/api/v1/media";
const CHANNEL = "media-progress-events";
const INSTANCES = 3;

/** Those that look at a picture. */
const MODELS = ["entropy-windows", "duplicate-blocks", "container-structure"];

/** So many events are published at least. */
const PUBLISHED = 10_000;

/** The models' server of the test adds so many steps to each that a detector reports. */
const FINER_STEPS = 12;

/** A region's text changes no sooner than this after the one before: slower than speech is cut off. */
const LEAST_GAP_MS = 1500;

/** Far above what it takes; a test that waits for what never comes ends here. */
const PATIENCE_MS = 60_000;

test(
  "what three instances tell three times over is shown as the server has it",
  { timeout: PATIENCE_MS },
  async (t) => {
    const redis = await startRedis();
    const options = { redisUrl: redis.url, retryDelay: 300 };
    const instances = [await serve(t, options), await serve(t, options), await serve(t, options)];
    const published = await finerSteps(t, redis.url);
    // Hooks run in this order: whoever holds on to Redis ends before it.
    t.after(redis.stop);
    const [origin] = instances;
    // Nobody is told, but REST has it as soon as it is over.
    await origin.control("switch", { backend: "analysis", name: "stuckRunMs", value: 50 });
    // What Redis brings in order, a slow or busy instance does not.
    await instances[1].control("rule", {
      backend: "analysis",
      event: "progress_update",
      action: "delay",
      count: 2000,
      ms: 30,
    });
    await instances[2].control("rule", {
      backend: "analysis",
      event: "progress_update",
      action: "reorder",
      count: 1e6,
      window: 5,
      ms: 50,
    });

    const token = await signIn(origin, "analysis");
    const heard = await hear(t, instances[1], token);
    const session = await watch(t, origin.url);
    const auth = bearer(token);
    const upload = async (name, bytes) => (await origin.upload(MEDIA, "media", name, bytes, auth)).body.data.id;
    const fail = (model, times) => origin.control("fail", { backend: "analysis", model, times });

    // Four good runs at once.
    const good = await Promise.all([
      upload("harbour.png", png(64)),
      upload("pier.png", png(96)),
      upload("memo.wav", tone(20_000)),
      upload("call.wav", tone(30_000)),
    ]);
    await heard.rows(good, 1);
    // One model fails once, another one twice, and both succeed then.
    const retried = [];
    for (const [model, times] of [
      ["entropy-windows", 1],
      ["duplicate-blocks", 2],
    ]) {
      await fail(model, times);
      retried.push(await upload(`${model}.png`, png(64)));
      await heard.rows(retried.slice(-1), 1);
    }
    // One model fails for good, then all do: there is no end marker but the last failure of all its copies.
    await fail("container-structure", 3);
    const partly = await upload("partly.png", png(64));
    await heard.times(`${partly}/ANALYSIS_FAILED`, 3 * INSTANCES);
    await heard.times(`${partly}/ANALYSIS_COMPLETED`, 2 * INSTANCES);
    for (const model of MODELS) await fail(model, 3);
    const failed = await upload("failed.png", png(64));
    await heard.times(`${failed}/ANALYSIS_FAILED`, 9 * INSTANCES);
    // Second runs, until enough is published.
    const rounds = new Map(good.map((id) => [id, 1]));
    do {
      for (const id of good) {
        assert.equal((await origin.post(`${MEDIA}/${id}/analyze`, {}, auth)).status, 202);
        rounds.set(id, rounds.get(id) + 1);
      }
      await heard.rows(good, rounds.get(good[0]));
    } while ((await published.count()) < PUBLISHED);

    const total = await published.count();
    await heard.when(() => heard.progress === INSTANCES * total);
    assert.ok(total >= PUBLISHED);
    assert.ok(heard.repeats >= (INSTANCES - 1) * 0.99 * total, `${heard.repeats} of ${heard.progress} came again`);
    assert.ok(heard.late > total / 10, `only ${heard.late} came after a younger one`);

    const all = [...good, ...retried, partly, failed];
    const truth = {};
    for (const id of all) truth[id] = viewOf((await origin.get(`${MEDIA}/${id}`, auth)).body.data);
    const shown = await session.until(({ media, events }) => events >= heard.all && same(media, truth));
    assert.deepEqual(shown.media, truth);
    assert.equal(truth[partly].status, "partly");
    assert.equal(truth[failed].status, "failed");
    assert.deepEqual([shown.live, shown.reconnects, shown.dropped], [true, 0, 0]);
    const runs = (id) => rounds.get(id) ?? 1;
    assert.deepEqual(shown.ends, Object.fromEntries([...all].sort().map((id) => [id, runs(id)])));
    assert.ok(shown.texts > 1 && shown.leastGap >= LEAST_GAP_MS, `${shown.leastGap} ms between two announcements`);
    t.diagnostic(
      `${total} published, ${heard.all} received, ${heard.late} of them late; ${all.length} media, ` +
        `${all.reduce((sum, id) => sum + runs(id), 0)} ends told; ${shown.texts} announcements, ${shown.snapshots} snapshots`,
    );
  },
);

/**
 * The models' server, a publisher of its own as in the real system: it adds finer steps to those that a detector
 * reports. Counts everything that is published.
 */
async function finerSteps(t, url) {
  const publisher = await createClient({ url }).connect();
  const subscriber = await publisher.duplicate().connect();
  t.after(() => Promise.all([publisher.close(), subscriber.close()]));
  let counted = 0;
  const flushes = new Map();
  await subscriber.subscribe(CHANNEL, (text) => {
    if (flushes.has(text)) return flushes.get(text)();
    counted += 1;
    const { media_id, user_id, event, data } = JSON.parse(text);
    const read = data.details?.bytes_read;
    if (event !== "FRAME_ANALYSIS_PROGRESS" || read === undefined || data.details.finer) return;
    for (let step = 1; step <= FINER_STEPS; step += 1) {
      const progress = Math.max(0, read - step);
      const details = { phase: "frame_processing", bytes_read: progress, finer: true };
      const finer = { model_name: data.model_name, progress, total: data.total, details };
      const message = `Looked at ${progress}/${data.total} bytes`;
      const said = { media_id, user_id, event, message, data: finer };
      void publisher.publish(CHANNEL, JSON.stringify(said));
    }
  });
  return {
    /** What was published when this is called: a mark of our own comes after it. The servers drop what is no JSON. */
    async count() {
      const mark = `mark ${flushes.size}`;
      const marked = new Promise((resolve_) => flushes.set(mark, resolve_));
      await publisher.publish(CHANNEL, mark);
      await marked;
      return counted;
    },
  };
}

/** A plain client that counts what arrives, by kind, and how often something comes after what was published later. */
async function hear(t, instance, token) {
  const { socket } = instance.connect(t, "analysis", { token });
  const kinds = new Map();
  const seen = new Set();
  const waiting = new Set();
  const heard = { all: 0, progress: 0, repeats: 0, late: 0 };
  let latest = "";
  const note = (kind) => {
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    heard.all += 1;
    waiting.forEach((look) => look());
  };
  socket.on("progress_update", ({ mediaId, event, message, data }) => {
    // All but the time of relaying, in which the copies differ.
    const text = JSON.stringify([mediaId, event, message, data]);
    if (seen.has(text)) {
      heard.repeats += 1;
      if (text !== latest) heard.late += 1;
    } else {
      seen.add(text);
      latest = text;
    }
    heard.progress += 1;
    note(`${mediaId}/${event}`);
  });
  socket.on("media_update", ({ id, analysisRuns }) => note(`${id}/row/${analysisRuns.length}`));
  await once(socket, "connect");
  heard.when = (holds) =>
    new Promise((resolve_) => {
      const look = () => {
        if (!holds()) return;
        waiting.delete(look);
        resolve_();
      };
      waiting.add(look);
      look();
    });
  heard.times = (kind, n) => heard.when(() => (kinds.get(kind) ?? 0) >= n);
  heard.rows = (ids, runs) => heard.when(() => ids.every((id) => kinds.has(`${id}/row/${runs}`)));
  return heard;
}

/** The session, once it is live. */
async function watch(t, url) {
  const root = resolve(import.meta.dirname, "../..");
  const child = spawn(
    "cargo",
    ["run", "--quiet", "--locked", "--example", "watch", "--", url, ADA.email, ADA.password],
    { cwd: root, stdio: ["pipe", "pipe", "inherit"] },
  );
  const exited = once(child, "exit");
  t.after(async () => {
    child.stdin.end();
    await exited;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error("the session ended early");
    return JSON.parse(value);
  };
  assert.deepEqual(await next(), { live: true });
  return {
    /** What is shown when it is as wanted. */
    async until(isWanted) {
      child.stdin.write("show\n");
      let shown = await next();
      while (!isWanted(shown)) shown = await next();
      return shown;
    },
  };
}

/** What must be shown of a row: its newest run, and of each model the row that succeeded, if one did. */
function viewOf({ filename, analysisRuns }) {
  const [{ runNumber, analyses }] = analysisRuns;
  const models = {};
  for (const { modelName, status, prediction, confidence } of analyses) {
    if (models[modelName]?.[0] === "COMPLETED") continue;
    models[modelName] = status === "COMPLETED" ? [status, prediction, confidence] : [status];
  }
  const ends = Object.values(models).map(([status]) => status);
  const succeeded = ends.filter((status) => status === "COMPLETED").length;
  const ended = succeeded === 0 ? "failed" : "partly";
  const status = succeeded === ends.length ? "complete" : ended;
  return { name: filename, status, percent: 100, run: runNumber, expected: ends.length, models };
}

function same(one, other) {
  try {
    assert.deepEqual(one, other);
    return true;
  } catch {
    return false;
  }
}
