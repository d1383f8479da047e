import assert from "node:assert/strict";
import { test } from "node:test";
import { ADA, bearer, GRACE, serve, signIn } from "./harness.js";
import { mp4, noise, png } from "./samples.js";

const VIDEOS = "/library/api/videos";

test("a refused socket hears the exact texts", async (t) => {
  const server = await serve(t);
  assert.equal(await server.connect(t, "library").until("connect_error"), "Authentication token required");
  assert.equal(await server.connect(t, "library", { token: "x" }).until("connect_error"), "Authentication failed");
});

test("an upload goes through the fixed steps and the whole organisation hears it", async (t) => {
  const server = await serve(t);
  const [ada, grace] = [await signIn(server, "library", ADA), await signIn(server, "library", GRACE)];
  const colleague = server.connect(t, "library", { token: grace });
  const greeting = await colleague.until("connected");
  assert.equal(greeting.socketId, colleague.socket.id);
  const { status, body } = await server.upload(VIDEOS, "video", "clip.mp4", mp4(30_000), bearer(ada));
  assert.equal(status, 201);
  assert.ok(!("_id" in body.video));
  const done = await colleague.until("video:process:complete");
  assert.equal(done.videoId, body.video.id);
  const steps = colleague.heard
    .filter(({ name }) => name === "video:process:progress")
    .map(({ args }) => args[0].progress);
  assert.deepEqual(steps, [0, 20, 80, 100]);
  const list = (await server.get(VIDEOS, bearer(grace))).body;
  assert.deepEqual(list.pagination, { page: 1, limit: 20, total: 1, pages: 1 });
  assert.equal(list.videos[0]._id, body.video.id);
  assert.ok(!("id" in list.videos[0]));
  assert.equal(list.videos[0].sensitivity.simulated, true);
  const state = await server.get(`${VIDEOS}/${body.video.id}/status`, bearer(grace));
  assert.deepEqual(state.body, { status: "completed", progress: 100, sensitivityStatus: done.sensitivityStatus });
});

test("an image is its own thumbnail and can be fetched", async (t) => {
  const server = await serve(t);
  const token = await signIn(server, "library");
  const client = server.connect(t, "library", { token });
  await client.until("connected");
  const bytes = png(16);
  await server.upload(VIDEOS, "video", "a.png", bytes, bearer(token));
  const { thumbnailUrl } = await client.until("video:process:complete");
  const picture = await server.get(thumbnailUrl, bearer(token));
  assert.deepEqual([picture.status, picture.headers.get("content-type")], [200, "image/png"]);
});

test("a file without structure fails three times, each attempt with progress 0 and a long text", async (t) => {
  const server = await serve(t);
  const token = await signIn(server, "library");
  const client = server.connect(t, "library", { token });
  await client.until("connected");
  const { body } = await server.upload(VIDEOS, "video", "broken.mp4", noise(3000), bearer(token));
  const { error } = await client.until("video:process:failed", { n: 3 });
  assert.match(error, /\n.*broken\.mp4\n/);
  assert.deepEqual(
    client.heard.slice(2).map(({ name, args }) => [name, args[0].progress]),
    Array(3)
      .fill([
        ["video:process:progress", 0],
        ["video:process:failed", undefined],
      ])
      .flat(),
  );
  const state = await server.get(`${VIDEOS}/${body.video.id}/status`, bearer(token));
  assert.equal(state.body.status, "failed");
});

test("errors have no envelope, and an expired token has its code", async (t) => {
  const server = await serve(t, { maxUpload: 5_000_000 });
  const token = await signIn(server, "library");
  await server.control("tokens", { backend: "library", expireAll: true });
  const { body, status } = await server.get(VIDEOS, bearer(token));
  assert.deepEqual([status, body], [401, { error: "Token expired", code: "TOKEN_EXPIRED" }]);
  assert.deepEqual((await server.get(VIDEOS)).body, { error: "No token provided" });
  const fresh = await signIn(server, "library");
  assert.deepEqual((await server.get(`${VIDEOS}/nope`, bearer(fresh))).body, { error: "Video not found" });
  const large = await server.upload(VIDEOS, "video", "a.mp4", Buffer.alloc(5_000_001), bearer(fresh));
  assert.deepEqual([large.status, large.body], [413, { error: "File too large: the limit is 5 MB." }]);
});

test("the refresh cookie buys a new token once", async (t) => {
  const server = await serve(t);
  const login = await server.post("/library/api/auth/login", ADA);
  const cookie = login.headers.get("set-cookie").split(";")[0];
  const refreshed = await server.post("/library/api/auth/refresh", {}, { cookie });
  assert.equal((await server.get("/library/api/auth/me", bearer(refreshed.body.token))).body.user.email, ADA.email);
  assert.equal((await server.post("/library/api/auth/refresh", {}, { cookie })).status, 401);
});

test("with the rate limit on, the sixth sign-in is refused", async (t) => {
  const server = await serve(t);
  await server.control("switch", { backend: "library", name: "rateLimit", value: true });
  const statuses = [];
  for (let i = 0; i < 6; i += 1) statuses.push((await server.post("/library/api/auth/login", ADA)).status);
  assert.deepEqual(statuses, [200, 200, 200, 200, 200, 429]);
});

test("the documented names are progress, processed and failed, without a greeting", async (t) => {
  const server = await serve(t, { names: "documented" });
  const token = await signIn(server, "library");
  const client = server.connect(t, "library", { token });
  await client.until("connect");
  await server.upload(VIDEOS, "video", "clip.mp4", mp4(3000), bearer(token));
  await client.until("video:processed");
  assert.deepEqual(new Set(client.names()), new Set(["connect", "video:progress", "video:processed"]));
  assert.equal((await client.until("video:progress", { n: 2 })).stage, "metadata");
});
