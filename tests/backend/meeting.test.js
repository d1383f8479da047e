import assert from "node:assert/strict";
import { test } from "node:test";
import { serve } from "./harness.js";

const M = "123456789";
const SCENARIO = "/meeting/api/demo/scenario";

test("a member is told who is there, the others that somebody came and went, without the meeting's id", async (t) => {
  const server = await serve(t);
  const [ann, ben] = [server.connect(t, "meeting"), server.connect(t, "meeting")];
  await Promise.all([ann.until("connect"), ben.until("connect")]);
  ann.socket.emit("join-meeting", { meetingId: M, userId: "ann" });
  assert.deepEqual(await ann.until("meeting-joined"), { success: true, meetingId: M, participants: ["ann"] });
  ben.socket.emit("join-meeting", { meetingId: M });
  assert.deepEqual((await ben.until("meeting-joined")).participants, ["ann", ben.socket.id]);
  const joined = await ann.until("participant-joined");
  assert.deepEqual(Object.keys(joined), ["userId", "timestamp"]);
  ben.socket.emit("leave-meeting", { meetingId: M });
  assert.equal((await ann.until("participant-left")).userId, ben.socket.id);
  assert.deepEqual(await ben.until("meeting-left"), { success: true, meetingId: M });
  assert.ok(!ben.names().includes("participant-left"));
});

test("one who vanishes stays in the list and nobody is told", async (t) => {
  const server = await serve(t);
  const [ann, ben] = [server.connect(t, "meeting"), server.connect(t, "meeting")];
  ann.socket.emit("join-meeting", { meetingId: M, userId: "ann" });
  await ann.until("meeting-joined");
  ann.socket.disconnect();
  ben.socket.emit("join-meeting", { meetingId: M, userId: "ben" });
  assert.deepEqual((await ben.until("meeting-joined")).participants, ["ann", "ben"]);
  assert.ok(!ben.names().includes("participant-left"));
});

test("any odd payload is answered and harms nobody", async (t) => {
  const server = await serve(t);
  const client = server.connect(t, "meeting");
  await client.until("connect");
  const odd = [undefined, null, 7, "x", [], {}, { meetingId: {} }, { meetingId: "" }, { meetingId: "x".repeat(129) }];
  for (const event of ["join-meeting", "leave-meeting", "detection-results"]) {
    for (const payload of odd) client.socket.emit(event, payload);
    client.socket.emit(event);
  }
  assert.deepEqual(await client.until("error", { n: 3 * (odd.length + 1) }), { message: "Meeting ID required" });
  client.socket.emit("join-meeting", { meetingId: 42, userId: 7 });
  assert.deepEqual((await client.until("meeting-joined")).participants, ["7"]);
});

test("detection results are relayed to the whole room, the sender included", async (t) => {
  const server = await serve(t);
  const client = server.connect(t, "meeting");
  client.socket.emit("join-meeting", { meetingId: M });
  await client.until("meeting-joined");
  client.socket.emit("detection-results", { meetingId: M, participantId: "p", results: { any: 1 } });
  const { timestamp, ...update } = await client.until("detection-update");
  assert.deepEqual(update, { meetingId: M, participantId: "p", results: { any: 1 } });
  assert.ok(Date.parse(timestamp) > 0);
});

test("a scenario falls from trust to alerts of each severity, is labelled, and ends", async (t) => {
  const server = await serve(t, { scenarioSpeed: 1000 });
  const client = server.connect(t, "meeting");
  client.socket.emit("join-meeting", { meetingId: M, userId: "me" });
  await client.until("meeting-joined");
  const started = await server.post(SCENARIO, { meetingId: M });
  assert.deepEqual([started.status, started.body.data.running, started.body.data.source], [201, true, "simulated"]);
  await client.until("participant-left", { n: 4 });
  const payloads = (name) => client.heard.filter((event) => event.name === name).map(({ args }) => args[0]);
  const severities = payloads("deepfake-alert").map(({ severity }) => severity);
  assert.deepEqual(new Set(severities), new Set(["low", "medium", "high"]));
  const trust = payloads("trust-score-update").filter(({ participantId }) => participantId === "user-jonas-weber");
  assert.ok(trust[0].trustScore > 0.9 && Math.min(...trust.map(({ trustScore }) => trustScore)) < 0.3);
  assert.equal(payloads("participant-joined").length, 4);
  assert.ok(payloads("analytics-update").length >= 30 && payloads("detection-update").length >= 100);
  for (const { name, args } of client.heard.slice(2)) assert.equal(args[0].source, "simulated", name);
  const pictures = payloads("video-frame");
  assert.ok(pictures.length >= 400, `${pictures.length} pictures`);
  for (const { frame } of pictures) assert.deepEqual([...frame.subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47]);
  const view = (await server.get(`${SCENARIO}/${M}`)).body.data;
  assert.deepEqual([view.running, view.elapsedMs], [false, 180_000]);
});

test("the control interface sends bytes as an attachment", async (t) => {
  const server = await serve(t);
  const client = server.connect(t, "meeting");
  await client.until("connect");
  const frame = { base64: Buffer.from([1, 2, 255]).toString("base64") };
  await server.control("emit", { backend: "meeting", event: "video-frame", args: [{ meetingId: M, frame }] });
  const said = await client.until("video-frame");
  assert.ok(Buffer.isBuffer(said.frame));
  assert.deepEqual([said.meetingId, ...said.frame], [M, 1, 2, 255]);
});

test("a running scenario is not started twice and can be stopped", async (t) => {
  const server = await serve(t);
  const start = () => server.post(SCENARIO, { meetingId: M });
  assert.deepEqual([(await start()).status, (await start()).status], [201, 200]);
  const stopped = await fetch(`${server.url}${SCENARIO}/${M}`, { method: "DELETE" });
  assert.equal((await stopped.json()).data.running, false);
  assert.equal((await server.post(SCENARIO, {})).status, 400);
});

test("REST tells connections and unknown routes as the real one", async (t) => {
  const server = await serve(t);
  const client = server.connect(t, "meeting");
  await client.until("connect");
  const { body } = await server.get("/meeting/api/meetings/stats/connections");
  assert.deepEqual([body.data.activeConnections, body.data.connectedClients[0].id], [1, client.socket.id]);
  const missing = await server.get("/meeting/nope");
  assert.deepEqual([missing.status, missing.body], [404, { success: false, message: "Route /nope not found" }]);
});

test("the documented names add a name to joiners and a code to errors", async (t) => {
  const server = await serve(t, { names: "documented" });
  const [ann, ben] = [server.connect(t, "meeting"), server.connect(t, "meeting")];
  ann.socket.emit("join-meeting", { meetingId: M });
  await ann.until("meeting-joined");
  ben.socket.emit("join-meeting", { meetingId: M, userId: "user-jane-doe" });
  assert.equal((await ann.until("participant-joined")).userName, "Jane Doe");
  ann.socket.emit("leave-meeting", {});
  assert.equal((await ann.until("error")).code, "INVALID_MEETING_ID");
});
