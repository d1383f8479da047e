import assert from "node:assert/strict";
import { test } from "node:test";
import { ADA, bearer, eventually, GRACE, serve, signIn } from "./harness.js";
import { noise, png, tone } from "./samples.js";

const MEDIA = "/analysis/api/v1/media";

test("a refused socket hears the exact texts and is told no more", async (t) => {
  const server = await serve(t);
  for (const [token, text] of [
    [undefined, "Authentication error: No token provided."],
    ["abc", "Authentication error: Invalid token."],
    [await expired(server), "Authentication error: Invalid token."],
  ]) {
    assert.equal(await server.connect(t, "analysis", { token }).until("connect_error"), text);
  }
});

test("a valid token without a user connects and is disconnected by the server", async (t) => {
  const server = await serve(t);
  const { token } = await server.control("token", { backend: "analysis", claims: { role: "USER" } });
  const client = server.connect(t, "analysis", { token });
  assert.equal(await client.until("disconnect"), "io server disconnect");
  assert.deepEqual(client.names(), ["connect", "disconnect"]);
});

test("an upload runs every model to the end with growing progress, then the end of the run, then the row", async (t) => {
  const server = await serve(t);
  const token = await signIn(server, "analysis");
  const client = server.connect(t, "analysis", { token });
  await client.until("connect");
  const bytes = tone(20_000);
  const { status, body } = await server.upload(MEDIA, "media", "Straße 音.wav", bytes, bearer(token));
  assert.equal(status, 202);
  assert.equal(body.data.status, "QUEUED");
  assert.equal(body.data.filename, "Straße 音.wav");
  assert.equal(body.data.latestAnalysisRunId, null);
  assert.ok(client.names().includes("ANALYSIS_QUEUED"), "the queue events precede the reply");

  const row = await client.until("media_update");
  assert.equal(row.id, body.data.id);
  assert.equal(row.status, "ANALYZED");
  const models = ["entropy-windows", "duplicate-blocks", "container-structure", "spectral-flatness"];
  assert.deepEqual(
    row.analysisRuns[0].analyses.map(({ modelName, status: done }) => [modelName, done]),
    models.map((name) => [name, "COMPLETED"]),
  );
  for (const analysis of row.analysisRuns[0].analyses) {
    assert.equal(analysis.resultPayload.simulated, true);
    assert.equal(analysis.resultPayload.detector, "demo detector");
  }

  const names = client.names();
  assert.deepEqual(names.slice(1, 5), Array(4).fill("ANALYSIS_QUEUED"));
  assert.deepEqual(names.slice(-2), ["ANALYSIS_COMPLETE", "media_update"]);
  const updates = client.heard.filter(({ name }) => name === "progress_update").map(({ args }) => args[0]);
  const order = updates.filter(({ event }) => event === "ANALYSIS_STARTED").map(({ data }) => data.model_name);
  assert.deepEqual(order, models);
  for (const model of models) {
    const progress = updates
      .filter(({ event, data }) => event === "FRAME_ANALYSIS_PROGRESS" && data.model_name === model)
      .map(({ data }) => data);
    const read = progress.filter(({ details }) => details.phase === "frame_processing").map((data) => data.progress);
    assert.ok(read.length >= 10 && read.length <= 41, `${model}: ${read.length} reports`);
    assert.ok(read.every((value, i) => i === 0 || value > read[i - 1]));
    assert.equal(read.at(-1), bytes.length);
    assert.ok(progress.every((data) => !("runId" in data) && data.details.simulated));
  }
  const started = updates.filter(({ event }) => event === "PROCESSING_STARTED");
  assert.deepEqual(
    started.map(({ data }) => [data.model_name, data.runId]),
    models.map(() => ["Backend Worker", row.analysisRuns[0].id]),
  );
  const end = updates.at(-1);
  assert.deepEqual(
    { total: end.data.totalAnalyses, done: end.data.completedAnalyses, status: end.data.finalStatus },
    { total: 4, done: 4, status: "ANALYZED" },
  );
});

test("a model that fails twice starts three times, and the run counts its failed row", async (t) => {
  const server = await serve(t);
  const token = await signIn(server, "analysis");
  const client = server.connect(t, "analysis", { token });
  await client.until("connect");
  await server.control("fail", { backend: "analysis", model: "duplicate-blocks", times: 2 });
  await server.upload(MEDIA, "media", "a.png", png(64), bearer(token));
  const row = await client.until("media_update");
  const of = (kind) =>
    client.heard.filter(({ args }) => args[0]?.event === kind && args[0].data.model_name === "duplicate-blocks");
  assert.equal(of("ANALYSIS_STARTED").length, 3);
  assert.equal(of("ANALYSIS_FAILED").length, 2);
  assert.equal(of("ANALYSIS_COMPLETED").length, 1);
  assert.equal((await client.until("ANALYSIS_COMPLETE")).data.totalAnalyses, 4);
  const rows = row.analysisRuns[0].analyses.filter(({ modelName }) => modelName === "duplicate-blocks");
  assert.deepEqual(
    rows.map(({ status, prediction }) => [status, prediction === "N/A"]),
    [
      ["FAILED", true],
      ["COMPLETED", false],
    ],
  );
  assert.equal(rows[0].resultPayload.retryCount, 1);
});

test("a model that fails for good ends without any end event, and only REST changes later", async (t) => {
  const server = await serve(t);
  const token = await signIn(server, "analysis");
  const client = server.connect(t, "analysis", { token });
  await client.until("connect");
  await server.control("fail", { backend: "analysis", model: "entropy-windows", times: 3 });
  const { body } = await server.upload(MEDIA, "media", "a.png", png(64), bearer(token));
  await client.until("ANALYSIS_FAILED", { n: 3 });
  const row = async () => (await server.get(`${MEDIA}/${body.data.id}`, bearer(token))).body.data;
  assert.equal((await row()).status, "PROCESSING");
  await server.control("switch", { backend: "analysis", name: "stuckRunMs", value: 5 });
  // A second run to its end bounds the wait: whatever the first one had to say has been said by then.
  const second = await server.upload(MEDIA, "media", "b.png", png(16), bearer(token));
  await client.until("media_update", { test: ({ id }) => id === second.body.data.id });
  const ended = ({ args }) => args[0]?.mediaId === body.data.id && !args[0].data.model_name;
  assert.equal(client.heard.filter(ended).length, 0);
  assert.ok(!client.heard.some(({ name, args }) => name === "media_update" && args[0].id === body.data.id));
  assert.ok(!client.names().includes("processing_error"));
  await eventually(async () => (await row()).status === "ANALYZED");
});

test("a run again has a new id, keeps the old run and lists the newest first", async (t) => {
  const server = await serve(t);
  const token = await signIn(server, "analysis");
  const client = server.connect(t, "analysis", { token });
  await client.until("connect");
  const { body } = await server.upload(MEDIA, "media", "a.png", png(16), bearer(token));
  await client.until("media_update");
  const again = await server.post(`${MEDIA}/${body.data.id}/analyze`, {}, bearer(token));
  assert.equal(again.status, 202);
  const row = await client.until("media_update", { n: 2 });
  assert.deepEqual(
    row.analysisRuns.map(({ runNumber, status }) => [runNumber, status]),
    [
      [2, "ANALYZED"],
      [1, "ANALYZED"],
    ],
  );
  const list = await server.get(MEDIA, bearer(token));
  assert.deepEqual(
    list.body.data[0].analysisRuns.map(({ runNumber }) => runNumber),
    [2],
  );
});

test("a file that no model can read is analyzed at once, says QUEUED and sends nothing", async (t) => {
  const server = await serve(t);
  const token = await signIn(server, "analysis");
  const { status, body } = await server.upload(MEDIA, "media", "a.txt", Buffer.from("hello"), bearer(token));
  assert.deepEqual([status, body.data.status], [202, "QUEUED"]);
  const row = (await server.get(`${MEDIA}/${body.data.id}`, bearer(token))).body.data;
  assert.equal(row.status, "ANALYZED");
  assert.deepEqual(
    row.analysisRuns.map(({ status: done, analyses }) => [done, analyses.length]),
    [["ANALYZED", 0]],
  );
  assert.deepEqual((await server.control("state")).analysis.emitted, {});
});

test("media are seen and heard by their owner alone", async (t) => {
  const server = await serve(t);
  const ada = await signIn(server, "analysis", ADA);
  const grace = await signIn(server, "analysis", GRACE);
  const [hers, others] = [ada, grace].map((token) => server.connect(t, "analysis", { token }));
  await Promise.all([hers.until("connect"), others.until("connect")]);
  const { body } = await server.upload(MEDIA, "media", "a.png", png(16), bearer(ada));
  await hers.until("media_update");
  assert.deepEqual(others.names(), ["connect"]);
  assert.equal((await server.get(`${MEDIA}/${body.data.id}`, bearer(grace))).status, 404);
  assert.deepEqual((await server.get(MEDIA, bearer(grace))).body.data, []);
});

test("errors leave in the envelope and with the statuses of the real system", async (t) => {
  const server = await serve(t, { maxUpload: 10_000 });
  const token = await signIn(server, "analysis");
  const login = (body) => server.post("/analysis/api/v1/auth/login", body);
  const unexpected = { success: false, message: "An unexpected internal server error occurred." };
  const told = (message) => ({ success: false, message, errors: [] });
  for (const [name, request, status, body] of [
    ["a wrong password", login({ ...ADA, password: "no" }), 401, told("Invalid email or password")],
    ["an invalid login", login({ email: 1 }), 500, unexpected],
    ["no token", server.get(MEDIA), 401, told("Unauthorized: Access token is required.")],
    ["a bad token", server.get(MEDIA, bearer("x")), 401, told("jwt malformed")],
    ["an expired token", server.get(MEDIA, bearer(await expired(server))), 401, told("jwt expired")],
    ["an invalid id", server.get(`${MEDIA}/nope`, bearer(token)), 500, unexpected],
    [
      "an unknown id",
      server.get(`${MEDIA}/00000000-0000-4000-8000-000000000000`, bearer(token)),
      404,
      told("Media not found or you do not have permission."),
    ],
    [
      "a large file",
      server.upload(MEDIA, "media", "a.png", noise(10_001), bearer(token)),
      413,
      told("File too large: the limit is 0 MB."),
    ],
    [
      "a file far above the limit",
      server.upload(MEDIA, "media", "a.png", noise(2_000_000), bearer(token)),
      413,
      told("File too large: the limit is 0 MB."),
    ],
    [
      "a wrong field",
      server.upload(MEDIA, "video", "a.png", png(4), bearer(token)),
      400,
      told('Unexpected file field "video": send the file as "media".'),
    ],
    [
      "an empty file",
      server.upload(MEDIA, "media", "a.png", Buffer.alloc(0), bearer(token)),
      400,
      told("The file is empty."),
    ],
    [
      "no multipart",
      server.post(MEDIA, {}, bearer(token)),
      400,
      told('Send the file as multipart/form-data in the field "media".'),
    ],
  ]) {
    const answer = await request;
    assert.deepEqual([answer.status, answer.body], [status, body], name);
  }
});

test("the documented names carry run ids and percentages, and nothing else is sent", async (t) => {
  const server = await serve(t, { names: "documented" });
  const token = await signIn(server, "analysis");
  const client = server.connect(t, "analysis", { token });
  await client.until("connect");
  await server.upload(MEDIA, "media", "a.png", png(64), bearer(token));
  const end = await client.until("run_finalized");
  const names = new Set(client.names());
  const known = [
    "connect",
    "media_uploaded",
    "analysis_started",
    "analysis_progress",
    "analysis_completed",
    "run_finalized",
  ];
  assert.deepEqual([...names].sort(), [...known].sort());
  assert.deepEqual([end.finalStatus, end.totalModels, end.completedCount], ["ANALYZED", 3, 3]);
  const percent = await client.until("analysis_progress", { test: ({ progress }) => progress === 100 });
  assert.equal(percent.analysisRunId, end.analysisRunId);
  assert.match((await client.until("analysis_completed")).analysisId, /^[0-9a-f-]{36}$/);
});

test("batched progress goes to everybody, as the guide's batching does", async (t) => {
  const server = await serve(t, { names: "documented" });
  await server.control("switch", { backend: "analysis", name: "batchProgress", value: true });
  const [ada, grace] = [await signIn(server, "analysis", ADA), await signIn(server, "analysis", GRACE)];
  const stranger = server.connect(t, "analysis", { token: grace });
  await stranger.until("connect");
  await server.upload(MEDIA, "media", "a.png", png(16), bearer(ada));
  const [item] = await stranger.until("batch_update");
  assert.equal(item.eventName, "analysis_progress");
  assert.notEqual(item.data.userId, undefined);
  assert.deepEqual(new Set(stranger.names()), new Set(["connect", "batch_update"]));
});

test("the switch ml-completes lets the detector speak before the worker", async (t) => {
  const server = await serve(t);
  await server.control("switch", { backend: "analysis", name: "mlCompletes", value: true });
  const token = await signIn(server, "analysis");
  const client = server.connect(t, "analysis", { token });
  await client.until("connect");
  await server.upload(MEDIA, "media", "a.png", png(16), bearer(token));
  await client.until("media_update");
  const ends = client.heard
    .map(({ args }) => args[0])
    .filter((update) => update?.data?.model_name === "entropy-windows" && update.event.startsWith("ANALYSIS_COMPLETE"))
    .map(({ event }) => event);
  assert.deepEqual(ends, ["ANALYSIS_COMPLETE", "ANALYSIS_COMPLETED"]);
});

async function expired(server) {
  return (await server.control("token", { backend: "analysis", user: ADA.email, lifeSeconds: -1 })).token;
}
