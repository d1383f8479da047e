import assert from "node:assert/strict";
import { test } from "node:test";
import { ADA, bearer, serve, signIn } from "./harness.js";
import { tone } from "./samples.js";

const API = "/interview/api/v1";

const raw = (token) => ({ authorization: token });

test("a refused socket hears the exact texts", async (t) => {
  const server = await serve(t);
  const token = await signIn(server, "interview");
  const stranger = await server.control("token", { backend: "interview", claims: { _id: "nobody" } });
  for (const [given, text] of [
    [undefined, "Authentication token required"],
    ["x", "Authentication failed"],
    [`Bearer ${token}`, "Authentication failed"],
    [stranger.token, "Invalid token: user not found"],
  ]) {
    assert.equal(await server.connect(t, "interview", { token: given }).until("connect_error"), text);
  }
});

test("the Authorization header of the handshake is taken, too", async (t) => {
  const server = await serve(t);
  const token = await signIn(server, "interview");
  const client = server.connect(t, "interview", { extraHeaders: bearer(token) });
  await client.until("connect");
});

test("REST takes the raw token and refuses a Bearer prefix", async (t) => {
  const server = await serve(t);
  const token = await signIn(server, "interview");
  assert.equal((await server.get(`${API}/interview`, raw(token))).status, 200);
  const { status, body } = await server.get(`${API}/interview`, bearer(token));
  assert.deepEqual(
    [status, body],
    [401, { statusCode: 401, data: null, success: false, errors: [], message: "invalid token" }],
  );
});

test("the names of the events end in the interview's id, and the end has a size as text", async (t) => {
  const server = await serve(t);
  const token = await signIn(server, "interview");
  const client = server.connect(t, "interview", { token });
  await client.until("connect");
  const bytes = tone(8000);
  const { body } = await server.upload(`${API}/interview/recording`, "media", "talk.wav", bytes, raw(token));
  const id = body.data._id;
  const queued = await server.post(`${API}/media-analysis/${id}/analyze`, {}, raw(token));
  assert.deepEqual([queued.status, queued.body.data.status], [201, "queued"]);
  const done = await client.until(`analysis:completed:${id}`);
  assert.equal(done.analysis.fileSize, String(bytes.length));
  assert.equal(done.analysis.simulated, true);
  assert.deepEqual(client.names(), ["connect", `analysis:started:${id}`, `analysis:completed:${id}`]);
  const again = await server.post(`${API}/media-analysis/${id}/analyze`, {}, raw(token));
  assert.deepEqual([again.status, again.body.data.status], [200, "already_exists"]);
});

test("an interview whose recording is gone fails three times, and its status says completed all the same", async (t) => {
  const server = await serve(t);
  const token = await signIn(server, "interview");
  const client = server.connect(t, "interview", { token });
  await client.until("connect");
  const { body } = await server.post(`${API}/interview/setup`, { jobRole: "Engineer" }, raw(token));
  const id = body.data._id;
  await server.post(`${API}/media-analysis/${id}/analyze`, {}, raw(token));
  const failed = await client.until(`analysis:failed:${id}`, { n: 3 });
  assert.equal(failed.error, "Failed to fetch video: 404 Not Found");
  assert.equal(client.names().filter((name) => name === `analysis:started:${id}`).length, 3);
  const { data } = (await server.get(`${API}/media-analysis/${id}/status`, raw(token))).body;
  assert.deepEqual([data.status, data.mediaAnalysis.isCompleted], ["completed", false]);
});

test("the documented names are bare", async (t) => {
  const server = await serve(t, { names: "documented" });
  const token = await signIn(server, "interview");
  const client = server.connect(t, "interview", { token });
  await client.until("connect");
  const { body } = await server.post(`${API}/interview/setup`, {}, raw(token));
  await server.post(`${API}/media-analysis/${body.data._id}/analyze`, {}, raw(token));
  assert.equal((await client.until("analysis:failed")).interviewId, body.data._id);
});

test("the statistics need the key", async (t) => {
  const server = await serve(t, { apiKey: "k" });
  assert.equal((await server.get(`${API}/websocket/stats`)).status, 401);
  const { body } = await server.get(`${API}/websocket/stats`, { "x-api-key": "k" });
  assert.equal(body.data.connected, 0);
});

test("a refresh token works once", async (t) => {
  const server = await serve(t);
  const { refreshToken } = (await server.post(`${API}/user/login`, ADA)).body.data;
  const refresh = () => server.post(`${API}/user/refresh-token`, { refreshToken });
  assert.ok((await refresh()).body.data.accessToken);
  assert.equal((await refresh()).status, 401);
});
