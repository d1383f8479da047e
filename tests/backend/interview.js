/**
 * The `interview` backend: analysis of recorded interviews (spoken by MockVerse).
 *
 * Law: the event's name carries the interview's id; `Authorization` holds the raw token and a `Bearer ` prefix is a 401;
 * `/status` says "completed" whatever is true, and only `mediaAnalysis.isCompleted` can be trusted; a failure is never
 * stored.
 *
 * Of its own, since the real system keeps recordings elsewhere: `POST /interview/recording` (multipart field `media`)
 * makes an interview with its recording. An interview without one fails like the real one whose recording is gone.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { findAccount, Tokens } from "./accounts.js";
import { detectorsFor } from "./detectors.js";
import { Failures, Queue } from "./queue.js";
import { bodyOf, Faults, HttpError, restRouter } from "./rest.js";
import { Sockets } from "./sockets.js";
import { Tap } from "./tap.js";
import { receive } from "./upload.js";
import { DETECTOR_LABEL } from "./verdict.js";
import { documentedInterview, real } from "./vocabulary.js";

/** Share of the retry delay that the real queue adds before the first attempt: 1 s of 5 s. */
const FIRST_DELAY = 0.2;

/** Most interviews kept; a demo has a handful. */
const MOST_INTERVIEWS = 1000;

const SWITCHES = () => ({ names: "real" });

/** @param {object} ctx see `server.js` */
export async function createInterview(ctx) {
  const tokens = new Tokens("interview", ctx);
  const queue = new Queue(ctx.settings);
  const faults = new Faults();
  const interviews = new Map();
  const sources = new Map();
  const failures = new Failures();
  const refreshTokens = new Map();
  let switches = { ...SWITCHES(), names: ctx.names };

  const sockets = new Sockets("/interview/socket.io/", {
    transports: ["websocket", "polling"],
    pingInterval: 25_000,
    pingTimeout: 60_000,
    cors: { origin: "*", credentials: true },
    adapter: ctx.channel.adapter("interview"),
  });
  const tap = new Tap(sockets.io, (event, args) =>
    (switches.names === "real" ? real : documentedInterview)(event, args),
  );

  sockets.io.use((socket, next) => {
    const header = /^Bearer (.+)$/.exec(socket.handshake.headers.authorization ?? "")?.[1];
    const token = socket.handshake.auth.token || header;
    if (!token) return next(new Error("Authentication token required"));
    let claims;
    try {
      if (tokens.refuseHandshake()) throw new Error("refused");
      claims = tokens.verify(token);
    } catch {
      return next(new Error("Authentication failed"));
    }
    if (!tokens.accountOf(claims)) return next(new Error("Invalid token: user not found"));
    socket.data.userId = claims._id;
    next();
  });
  sockets.io.on("connection", (socket) => socket.join(`user:${socket.data.userId}`));

  function emit(interview, what, payload) {
    const id = interview._id;
    tap.toRoom(`user:${interview.userId}`, `analysis:${what}:${id}`, { interviewId: id, ...payload, timestamp: now() });
  }

  async function analyze(interview) {
    const startedAt = Date.now();
    interview.startedAt = startedAt;
    emit(interview, "started", { message: "Media analysis has started", status: "processing" });
    const source = sources.get(interview._id);
    if (!source) throw new Error("Failed to fetch video: 404 Not Found");
    const models = detectorsFor(source.kind);
    if (!models.length) throw new Error("Failed to analyze media: unsupported media type");
    const findings = {};
    for (const model of models) {
      const { result } = await queue.detect({
        ...source,
        model,
        fail: failures.take(model) ? "Failed to analyze audio: 429 RESOURCE_EXHAUSTED (injected)" : null,
        progress: () => {},
      });
      findings[model] = result;
    }
    const mediaType = source.kind.mediaType === "AUDIO" ? "audio" : "video";
    const summary = summarize(findings);
    const analyzedAt = now();
    const processingDuration = Date.now() - startedAt;
    const analysis = { ...emptyAnalysis(), summary, detector: DETECTOR_LABEL, simulated: true };
    interview.mediaAnalysis = { type: mediaType, analysis, analyzedAt, isCompleted: true, processingDuration };
    emit(interview, "completed", {
      message: `${mediaType} analysis completed successfully`,
      status: "completed",
      mediaType,
      analysis: {
        summary,
        overallScore: summary.overallScore,
        analyzedAt,
        // A string: the real one passes on a header of its file store.
        fileSize: String(source.kind.size),
        processingDuration,
        detector: DETECTOR_LABEL,
        simulated: true,
      },
    });
  }

  function analysisFailed(interview, error) {
    const processingDuration = Date.now() - interview.startedAt;
    interview.mediaAnalysis.processingDuration = processingDuration;
    emit(interview, "failed", {
      message: "Media analysis failed",
      status: "failed",
      error: error.message,
      // Says nothing: the queue retries whatever stands here.
      retryable: true,
      failedAt: now(),
      processingDuration,
    });
  }

  function create(account, fields) {
    if (interviews.size >= MOST_INTERVIEWS) {
      throw new HttpError(507, `This server keeps at most ${MOST_INTERVIEWS} interviews.`);
    }
    const text = (value, otherwise) => (typeof value === "string" && value !== "" ? value.slice(0, 1000) : otherwise);
    const interview = {
      _id: newId(),
      jobRole: text(fields.jobRole, "Interview"),
      jobDescription: text(fields.jobDescription, ""),
      userId: tokens.userId(account),
      isCompleted: true,
      createdAt: now(),
      updatedAt: now(),
      mediaAnalysis: notAnalyzed(),
    };
    interviews.set(interview._id, interview);
    return interview;
  }

  const ok = (res, status, data, message) =>
    res.status(status).json({ statusCode: status, data, message, success: true });

  function authenticate(req, _res, next) {
    const token = req.headers.authorization;
    if (!token) throw new HttpError(401, "Unauthorized request");
    let claims;
    try {
      claims = tokens.verify(token);
    } catch (error) {
      // jsonwebtoken's own text for a token with a space in it differs; the real system says this.
      throw new HttpError(401, error.name === "TokenExpiredError" ? error.message : "invalid token");
    }
    req.account = tokens.accountOf(claims);
    if (!req.account) throw new HttpError(401, "Invalid access token");
    next();
  }

  function interviewOf(req) {
    const interview = interviews.get(req.params.id);
    if (!interview || interview.userId !== tokens.userId(req.account)) throw new HttpError(404, "Interview not found");
    return interview;
  }

  function session(account) {
    const refreshToken = randomUUID();
    // Bound: the oldest session is forgotten first.
    if (refreshTokens.size >= MOST_INTERVIEWS) refreshTokens.delete(refreshTokens.keys().next().value);
    refreshTokens.set(refreshToken, account);
    return { accessToken: tokens.issue(account), refreshToken };
  }

  const router = restRouter({
    origin: "*",
    credentials: true,
    faults,
    errorBody,
    unexpected: "Internal server error",
    report: ctx.report,
    routes(api) {
      api.post("/user/login", (req, res) => {
        const { email, password } = bodyOf(req);
        if (!email || !password) throw new HttpError(400, "Email and password are required");
        const account = findAccount(email, password);
        if (!account) throw new HttpError(401, "Invalid user credentials");
        ok(res, 200, { user: tokens.user(account), ...session(account) }, "User logged in successfully");
      });
      api.post("/user/refresh-token", (req, res) => {
        const { refreshToken } = bodyOf(req);
        const account = refreshTokens.get(refreshToken);
        if (!account) throw new HttpError(401, "Invalid refresh token");
        refreshTokens.delete(refreshToken);
        ok(res, 200, session(account), "Access token refreshed");
      });
      api.get("/websocket/stats", (req, res) => {
        if (req.headers["x-api-key"] !== ctx.apiKey) throw new HttpError(401, "Unauthorized request");
        const data = { connected: sockets.io.sockets.sockets.size, timestamp: now() };
        ok(res, 200, data, "WebSocket statistics retrieved successfully");
      });
      api.use(authenticate);
      api.get("/interview", (req, res) => {
        const own = [...interviews.values()].filter(({ userId }) => userId === tokens.userId(req.account));
        ok(res, 200, own.map(document), "Interviews fetched successfully");
      });
      api.post("/interview/setup", (req, res) => {
        ok(res, 201, document(create(req.account, bodyOf(req))), "Interview setup successfully");
      });
      api.post("/interview/recording", ...receive(ctx.uploads, "media"), (req, res) => {
        const { path, kind, name } = req.upload;
        const fields = bodyOf(req);
        const interview = create(req.account, { ...fields, jobRole: fields.jobRole || name });
        sources.set(interview._id, { path, kind });
        ok(res, 201, document(interview), "Recording uploaded successfully");
      });
      api.get("/interview/report/:id", (req, res) => {
        const interview = document(interviewOf(req));
        const interviewReport = { interviewId: interview._id, mediaAnalysis: interview.mediaAnalysis };
        ok(res, 200, { interviewReport, messages: [], interview }, "Interview report fetched successfully");
      });
      api.post("/media-analysis/:id/analyze", (req, res) => {
        const interview = interviewOf(req);
        if (interview.mediaAnalysis.isCompleted) {
          const message = "Media analysis already completed for this interview";
          return ok(res, 200, { status: "already_exists", message, analysis: interview.mediaAnalysis }, message);
        }
        queue.add(
          {
            owner: interview._id,
            run: () => analyze(interview),
            failed: (error) => analysisFailed(interview, error),
          },
          ctx.settings.retryDelay * FIRST_DELAY,
        );
        const message = "Media analysis job queued successfully";
        const jobId = `media-analysis-${interview._id}-${Date.now()}`;
        ok(res, 201, { status: "queued", jobId, message, estimatedTime: "5-10 minutes" }, message);
      });
      api.get("/media-analysis/:id/status", (req, res) => {
        const { _id, mediaAnalysis } = interviewOf(req);
        const data = {
          interviewId: _id,
          // The trap of the real system: it says so even if nothing ran or everything failed.
          status: "completed",
          message: "Media analysis completed successfully",
          mediaType: mediaAnalysis.type,
          mediaAnalysis,
          analyzedAt: mediaAnalysis.analyzedAt,
          fileSize: null,
          processingDuration: mediaAnalysis.processingDuration,
        };
        ok(res, 200, data, "Media analysis status retrieved successfully");
      });
      api.get("/media-analysis/:id/result", (req, res) => {
        const { mediaAnalysis } = interviewOf(req);
        if (!mediaAnalysis.isCompleted) throw new HttpError(404, "Media analysis not found");
        ok(res, 200, mediaAnalysis, "Media analysis result retrieved successfully");
      });
      api.use((req) => {
        throw new HttpError(404, `Route not found: ${req.method} ${req.originalUrl}`);
      });
    },
  });

  async function remove(id) {
    interviews.delete(id);
    queue.cancel(id);
    if (sources.has(id)) await rm(sources.get(id).path, { force: true });
    sources.delete(id);
  }

  return {
    name: "interview",
    mounts: [["/interview/api/v1", router]],
    sockets,
    tap,
    tokens,
    faults,
    failures,
    room: (account) => `user:${tokens.userId(account)}`,
    get switches() {
      return switches;
    },
    set(name, value) {
      if (!(name in switches)) throw new Error(`interview has no switch ${name}`);
      switches[name] = value;
    },
    state: () => ({ interviews: [...interviews.values()].map(document), queue: queue.status() }),
    async reset({ media: forget = false } = {}) {
      switches = { ...SWITCHES(), names: ctx.names };
      failures.clear();
      if (forget) await Promise.all([...interviews.keys()].map(remove));
    },
    async close() {
      tap.close();
      await Promise.all([queue.close(), sockets.close()]);
    },
  };
}

const now = () => new Date().toISOString();

/** An id in the form of MongoDB's. */
const newId = () => randomBytes(12).toString("hex");

/** A copy without what is only for the server. */
function document(interview) {
  const shown = { ...interview };
  delete shown.startedAt;
  return shown;
}

/** The overall score, 0..10, is ten times the mean trust (1 − suspicion) of the detectors. */
function summarize(findings) {
  const entries = Object.entries(findings);
  const mean = entries.reduce((sum, [, { suspicion }]) => sum + suspicion, 0) / entries.length;
  const told = (wanted) =>
    entries
      .filter(([, { prediction }]) => prediction === wanted)
      .map(([model, { suspicion }]) => `${model} (${DETECTOR_LABEL}): suspicion ${suspicion}`);
  return {
    strengths: told("REAL"),
    weaknesses: told("FAKE"),
    keyInsights: [
      `Measured from the bytes by ${entries.length} ${DETECTOR_LABEL}s; simulated, no judgement of a person`,
    ],
    overallScore: Math.round(100 * (1 - mean)) / 10,
  };
}

/** The full tree of the real document: every score is null until something sets it, and nothing here does. */
function emptyAnalysis() {
  const scored = (list) => ({ score: null, feedback: null, [list]: [] });
  return {
    communicationSkills: {
      clarity: scored("examples"),
      articulation: scored("examples"),
      pace: scored("examples"),
      confidence: scored("indicators"),
    },
    bodyLanguage: {
      posture: scored("observations"),
      eyeContact: scored("observations"),
      gestures: scored("observations"),
      presence: scored("observations"),
    },
    audioQuality: {
      clarity: scored("issues"),
      volume: { score: null, feedback: null, notes: [] },
      background: scored("distractions"),
    },
    overallPerformance: {
      professionalism: scored("examples"),
      engagement: scored("indicators"),
      readiness: { score: null, feedback: null, assessment: null },
    },
    recommendations: { immediate: [], practice: [], resources: [] },
    summary: { strengths: [], weaknesses: [], keyInsights: [], overallScore: null },
  };
}

const notAnalyzed = () => ({
  analysis: emptyAnalysis(),
  type: null,
  analyzedAt: null,
  isCompleted: false,
  processingDuration: null,
});

function errorBody(error) {
  return { statusCode: error.status, data: null, success: false, errors: [], message: error.message };
}
