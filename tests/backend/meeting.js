/**
 * The `meeting` backend: detection and alerts in meetings (the Socket.IO service of RealSync).
 *
 * Law: no authentication; membership is a socket's and is lost with it, while its name stays in the list (a ghost);
 * presence events name no meeting. Trust, alerts and analytics have no source in the real product; here a scripted
 * scenario, started on request and labelled `source: "simulated"`, provides them.
 */
import { Failures } from "./queue.js";
import { Faults, bodyOf, HttpError, restRouter } from "./rest.js";
import { Scenario } from "./scenario.js";
import { Sockets } from "./sockets.js";
import { Tap } from "./tap.js";
import { documentedMeeting, real } from "./vocabulary.js";

/** Longest meeting or user id taken; the real server has no bound. */
const MOST_ID = 128;

/** Most meetings and most names in one: bounds for what clients may create. */
const MOST_MEETINGS = 1000;
const MOST_PARTICIPANTS = 1000;

/** Most scenarios at a time. */
const MOST_SCENARIOS = 20;

const SWITCHES = () => ({
  names: "real",
  /** a join or leave without payload ends the process, as it does in the real server */
  crashOnMissingPayload: false,
});

/** @param {object} ctx see `server.js` */
export async function createMeeting(ctx) {
  const faults = new Faults();
  const participants = new Map();
  const clients = new Map();
  const scenarios = new Map();
  let switches = { ...SWITCHES(), names: ctx.names };

  const sockets = new Sockets("/meeting/socket.io/", {
    transports: ["websocket", "polling"],
    pingInterval: 25_000,
    pingTimeout: 20_000,
    // No credentials, whatever the guide says.
    cors: { origin: ctx.corsOrigin, methods: ["GET", "POST"] },
  });
  const tap = new Tap(sockets.io, (event, args) => (switches.names === "real" ? real : documentedMeeting)(event, args));

  const roomOf = (meetingId) => `meeting-${meetingId}`;

  /** The payload if it names a meeting; else the sender is told, or the process ends where the switch says so. */
  function meetingOf(socket, payload) {
    if ((payload === undefined || payload === null) && switches.crashOnMissingPayload) {
      process.nextTick(() => {
        throw new TypeError("Cannot destructure property 'meetingId' of 'data' as it is undefined.");
      });
      return null;
    }
    const meetingId = idText(payload?.meetingId);
    if (meetingId) return meetingId;
    tap.toSocket(socket, "error", { message: "Meeting ID required" });
    return null;
  }

  function enter(meetingId, userId) {
    if (!participants.has(meetingId)) {
      if (participants.size >= MOST_MEETINGS) return false;
      participants.set(meetingId, new Set());
    }
    const names = participants.get(meetingId);
    if (names.size >= MOST_PARTICIPANTS && !names.has(userId)) return false;
    names.add(userId);
    return true;
  }

  function exit(meetingId, userId) {
    const names = participants.get(meetingId);
    names?.delete(userId);
    if (names?.size === 0) participants.delete(meetingId);
  }

  sockets.io.on("connection", (socket) => {
    clients.set(socket.id, { id: socket.id, connectedAt: now() });

    socket.on("join-meeting", (payload) => {
      const meetingId = meetingOf(socket, payload);
      if (!meetingId) return;
      const userId = idText(payload.userId) ?? socket.id;
      if (!enter(meetingId, userId)) return tap.toSocket(socket, "error", { message: "Meeting is full" });
      socket.join(roomOf(meetingId));
      tap.toSocket(socket, "meeting-joined", {
        success: true,
        meetingId,
        participants: [...participants.get(meetingId)],
      });
      // Said again at a repeated join, as the real server does.
      tap.toOthers(socket, roomOf(meetingId), "participant-joined", { userId, timestamp: now() });
    });

    socket.on("leave-meeting", (payload) => {
      const meetingId = meetingOf(socket, payload);
      if (!meetingId) return;
      // Without the user id of the join the wrong name is freed and the socket's id announced.
      const userId = idText(payload.userId) ?? socket.id;
      socket.leave(roomOf(meetingId));
      exit(meetingId, userId);
      tap.toSocket(socket, "meeting-left", { success: true, meetingId });
      tap.toOthers(socket, roomOf(meetingId), "participant-left", { userId, timestamp: now() });
    });

    socket.on("detection-results", (payload) => {
      const meetingId = meetingOf(socket, payload);
      if (!meetingId) return;
      // Relayed unchecked to the whole room, the sender included; anybody may send it.
      const { participantId, results } = payload;
      tap.toRoom(roomOf(meetingId), "detection-update", { meetingId, participantId, results, timestamp: now() });
    });

    // Nobody is told: the name stays in the meeting.
    socket.on("disconnect", () => clients.delete(socket.id));
  });

  const stats = () => ({
    activeConnections: clients.size,
    activeMeetings: participants.size,
    connectedClients: [...clients.values()],
  });

  /** What a scenario may do to a meeting. */
  const stage = (meetingId) => ({
    join(userId, userName) {
      if (!enter(meetingId, userId)) return;
      tap.toRoom(roomOf(meetingId), "participant-joined", { userId, userName, timestamp: now(), source: "simulated" });
    },
    leave(userId) {
      exit(meetingId, userId);
      tap.toRoom(roomOf(meetingId), "participant-left", { userId, timestamp: now(), source: "simulated" });
    },
    say(event, payload) {
      const labelled = { ...payload, meetingId, timestamp: now(), source: "simulated" };
      tap.toRoom(roomOf(meetingId), event, labelled);
    },
  });

  const scenarioView = (meetingId) => ({
    meetingId,
    source: "simulated",
    ...(scenarios.get(meetingId)?.view() ?? { running: false, elapsedMs: 0, durationMs: Scenario.durationMs }),
  });

  function meetingParam(value) {
    const meetingId = idText(value);
    if (!meetingId) throw new HttpError(400, "Meeting ID required");
    return meetingId;
  }

  const router = restRouter({
    origin: ctx.corsOrigin,
    credentials: true,
    faults,
    errorBody,
    unexpected: "Internal server error",
    report: ctx.report,
    routes(api) {
      api.get("/ping", (_req, res) => res.json({ success: true, message: "pong" }));
      api.get("/api/health", (_req, res) => res.json({ success: true, status: "ok", timestamp: now() }));
      api.get("/api/health/status", (_req, res) => {
        const { activeConnections: connections, activeMeetings: meetings } = stats();
        const services = { websocket: { status: "active", connections, meetings }, zoom: { status: "not configured" } };
        res.json({ success: true, status: "online", timestamp: now(), services });
      });
      api.get("/api/meetings/stats/connections", (_req, res) => res.json({ success: true, data: stats() }));
      const zoom = () => {
        throw new HttpError(503, "Zoom is not configured");
      };
      api.post("/api/meetings/join", zoom);
      api.post("/api/meetings/leave", zoom);
      api.get("/api/meetings/:id/status", zoom);

      api.post("/api/demo/scenario", (req, res) => {
        const meetingId = meetingParam(bodyOf(req).meetingId);
        const running = scenarios.get(meetingId)?.view().running ?? false;
        if (!running) {
          for (const [id, scenario] of scenarios) if (!scenario.view().running) scenarios.delete(id);
          if (scenarios.size >= MOST_SCENARIOS) throw new HttpError(429, "Too many simulated meetings are running");
          scenarios.set(meetingId, new Scenario(stage(meetingId), ctx.settings.scenarioSpeed));
        }
        res.status(running ? 200 : 201).json({ success: true, data: scenarioView(meetingId) });
      });
      api.get("/api/demo/scenario/:meetingId", (req, res) =>
        res.json({ success: true, data: scenarioView(meetingParam(req.params.meetingId)) }),
      );
      api.delete("/api/demo/scenario/:meetingId", (req, res) => {
        const meetingId = meetingParam(req.params.meetingId);
        scenarios.get(meetingId)?.stop();
        res.json({ success: true, data: scenarioView(meetingId) });
      });
      api.use((req) => {
        throw new HttpError(404, `Route ${req.path} not found`);
      });
    },
  });

  const stopScenarios = () => {
    scenarios.forEach((scenario) => scenario.stop());
    scenarios.clear();
  };

  return {
    name: "meeting",
    mounts: [["/meeting", router]],
    sockets,
    tap,
    tokens: null,
    faults,
    failures: new Failures(),
    room: (account) => account.uuid,
    get switches() {
      return switches;
    },
    set(name, value) {
      if (!(name in switches)) throw new Error(`meeting has no switch ${name}`);
      switches[name] = value;
    },
    state: () => ({
      meetings: Object.fromEntries([...participants].map(([id, names]) => [id, [...names]])),
      scenarios: [...scenarios.keys()].map(scenarioView),
      connections: stats(),
    }),
    async reset({ media: forget = false } = {}) {
      switches = { ...SWITCHES(), names: ctx.names };
      stopScenarios();
      if (forget) participants.clear();
    },
    async close() {
      stopScenarios();
      tap.close();
      await sockets.close();
    },
  };
}

const now = () => new Date().toISOString();

/** @param {unknown} value @returns {string | null} a usable id; numbers count, as meeting numbers are often sent so */
function idText(value) {
  const text = typeof value === "number" && Number.isFinite(value) ? String(value) : value;
  return typeof text === "string" && text !== "" && text.length <= MOST_ID ? text : null;
}

function errorBody(error) {
  return { success: false, message: error.message };
}
