/**
 * The `analysis` backend: deepfake analysis of uploaded media (spoken by Drishtiksha).
 *
 * Law: the run shapes of the real system. Events are published on the channel and forwarded to the user's room; a model
 * has three attempts, each of which says that it started and how it ended; a run in which a model fails for good has no
 * end event, and REST alone learns of it later. A run ends with its models' stored rows, failed ones included.
 *
 * Left out: storage beyond this process (media live in the instance that holds the upload), sign-up, PARTIALLY_ANALYZED.
 */
import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { extname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { findAccount, Tokens } from "./accounts.js";
import { DETECTOR_NAMES, detectorsFor } from "./detectors.js";
import { Failures, Queue } from "./queue.js";
import { bodyOf, Faults, HttpError, restRouter } from "./rest.js";
import { Sockets } from "./sockets.js";
import { Tap } from "./tap.js";
import { receive } from "./upload.js";
import { DETECTOR_LABEL } from "./verdict.js";
import { documentedAnalysis, real } from "./vocabulary.js";

/** The pseudo-model under which the real worker announces each attempt. */
const WORKER_NAME = "Backend Worker";

/** The text of the real system when no detector could do it; used for injected failures. */
const INJECTED_FAILURE = "Model inference failed and all fallbacks exhausted.";

/** How long the real system needs from the queue events to the reply of the upload: its queue stores the jobs. */
const REPLY_AFTER_MS = 20;

/** The real pause between the end event of a run and the media row. */
const MEDIA_UPDATE_AFTER_MS = 20;

/** Most media kept; a demo has a handful. */
const MOST_MEDIA = 1000;

/** The real period of the timer that sets stuck runs in REST. */
const STUCK_RUN_MS = 30_000;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const now = () => new Date().toISOString();

/** Deviations of the real system that a test may turn on. */
const SWITCHES = () => ({
  names: "real",
  /** documented names only: progress in `batch_update`, to everybody */
  batchProgress: false,
  /** the detector says ANALYSIS_COMPLETE with its name before the worker has stored the result */
  mlCompletes: false,
  /** models that publish nothing between their start and their end */
  silentModels: [],
  /** REST says ANALYZED as soon as one model of a run older than `stuckRunMs` has ended */
  analyzedEarly: false,
  stuckRunMs: STUCK_RUN_MS,
  /** pads every result, as frame predictions and spectrograms do: the frame of `media_update` grows with it */
  payloadBytes: 0,
});

/** @param {object} ctx settings, folder and channel shared by the backends; see `server.js` */
export async function createAnalysis(ctx) {
  const tokens = new Tokens("analysis", ctx);
  const queue = new Queue(ctx.settings);
  const faults = new Faults();
  const media = new Map();
  const failures = new Failures();
  let switches = { ...SWITCHES(), names: ctx.names };

  const sockets = new Sockets("/analysis/socket.io/", {
    pingInterval: 25_000,
    pingTimeout: 20_000,
    cors: { origin: ctx.corsOrigin, credentials: true },
    adapter: ctx.channel.adapter("analysis"),
  });
  const documented = documentedAnalysis(
    { runOf },
    {
      get batchProgress() {
        return switches.batchProgress;
      },
    },
  );
  const tap = new Tap(sockets.io, (event, args) => (switches.names === "real" ? real : documented)(event, args));

  sockets.io.use((socket, next) => {
    const { token } = socket.handshake.auth;
    if (!token) return next(new Error("Authentication error: No token provided."));
    try {
      if (tokens.refuseHandshake()) throw new Error("refused");
      socket.data.userId = tokens.verify(token).userId;
      next();
    } catch {
      next(new Error("Authentication error: Invalid token."));
    }
  });
  sockets.io.on("connection", (socket) => {
    if (!socket.data.userId) return socket.disconnect();
    socket.join(socket.data.userId);
  });

  await ctx.channel.subscribe((text) => {
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      return;
    }
    if (!message?.media_id || !message.user_id) return;
    tap.toRoom(message.user_id, "progress_update", {
      mediaId: message.media_id,
      userId: message.user_id,
      event: message.event,
      message: message.message,
      ...(message.data === undefined ? {} : { data: message.data }),
      timestamp: now(),
    });
  });

  /** For the documented names, which carry the run on every event. */
  function runOf(mediaId) {
    const run = media.get(mediaId)?.runs[0];
    return run ? { id: run.id, models: run.models, rows: run.rows, filename: media.get(mediaId).filename } : null;
  }

  const publish = (item, event, message, data) =>
    ctx.channel.publish({ media_id: item.id, user_id: item.userId, event, message, data });

  /** A message of the detector itself: it knows neither the run nor the time. */
  const publishMl = (item, event, message, model, progress, total, details) => {
    if (switches.silentModels.includes(model)) return;
    publish(item, event, message, {
      model_name: model,
      progress,
      total,
      details: details && { ...details, detector: DETECTOR_LABEL, simulated: true },
    });
  };

  function startRun(item) {
    const models = detectorsFor(item.kind);
    const run = {
      id: randomUUID(),
      mediaId: item.id,
      runNumber: item.runs.length + 1,
      status: models.length ? "QUEUED" : "ANALYZED",
      createdAt: now(),
      models,
      rows: [],
      ended: new Map(),
    };
    item.runs.unshift(run);
    item.updatedAt = now();
    // No model can read it: the reply says QUEUED, the row says ANALYZED, and no event follows.
    item.status = run.status;
    for (const model of models) {
      publish(item, "ANALYSIS_QUEUED", `${model} (${DETECTOR_LABEL}) queued for analysis`, {
        model_name: model,
        progress: 0,
        total: 100,
        phase: "QUEUED",
        timestamp: now(),
      });
      queue.add({
        owner: item.id,
        run: (attempt) => runModel(item, run, model, attempt),
        failed: (error, attempt) => modelFailed(item, run, model, error, attempt),
        gaveUp: () => modelEnded(item, run, model, "FAILED"),
        done: () => modelEnded(item, run, model, "COMPLETED"),
      });
    }
    return run;
  }

  async function runModel(item, run, model) {
    run.status = "PROCESSING";
    item.status = "PROCESSING";
    item.latestAnalysisRunId = run.id;
    item.updatedAt = now();
    const { filename } = item;
    publish(item, "PROCESSING_STARTED", `Starting analysis of "${filename}"`, {
      model_name: WORKER_NAME,
      filename,
      mediaType: item.kind.mediaType,
      runId: run.id,
      timestamp: now(),
    });
    publish(item, "ANALYSIS_STARTED", `Starting ${model} (${DETECTOR_LABEL}) analysis for "${filename}"`, {
      model_name: model,
      filename,
      runId: run.id,
      phase: "analyzing",
      timestamp: now(),
    });
    const progress = (message, read, total, phase, more) =>
      publishMl(item, "FRAME_ANALYSIS_PROGRESS", message, model, read, total, { phase, ...more });
    progress(`Starting analysis with ${model} (${DETECTOR_LABEL})`, 0, null, "initialization");
    progress(`Starting to read ${item.size} bytes`, 0, item.size, "frame_processing_start");
    const fail = failures.take(model) ? INJECTED_FAILURE : null;
    const { result, seconds } = await queue.detect({
      path: item.path,
      kind: item.kind,
      model,
      fail,
      progress: (read) =>
        progress(`Read ${read}/${item.size} bytes`, read, item.size, "frame_processing", { bytes_read: read }),
    });
    progress(`All ${item.size} bytes read`, item.size, item.size, "frame_analysis_complete", { bytes_read: item.size });
    const { prediction, confidence } = result;
    if (switches.mlCompletes) {
      const message = `Analysis completed: ${prediction} (confidence: ${confidence.toFixed(3)}, ${DETECTOR_LABEL})`;
      publishMl(item, "ANALYSIS_COMPLETE", message, model, item.size, item.size, {
        prediction,
        confidence,
        processing_time: seconds,
      });
    }
    addRow(run, {
      modelName: model,
      prediction,
      confidence,
      status: "COMPLETED",
      errorMessage: null,
      processingTime: seconds,
      mediaType: item.kind.mediaType.toLowerCase(),
      resultPayload: resultPayload(item, result, seconds),
    });
    publish(item, "ANALYSIS_COMPLETED", `Completed ${model} (${DETECTOR_LABEL}) analysis for "${filename}"`, {
      model_name: model,
      filename,
      runId: run.id,
      prediction,
      confidence,
      phase: "completed",
      detector: DETECTOR_LABEL,
      simulated: true,
      timestamp: now(),
    });
  }

  function resultPayload(item, result, seconds) {
    return {
      note: "Demo detector: measured from the bytes, without forensic meaning.",
      detector: result.detector,
      simulated: result.simulated,
      prediction: result.prediction,
      confidence: result.confidence,
      suspicion: result.suspicion,
      metrics: result.measures,
      media_type: item.kind.mediaType.toLowerCase(),
      processing_time: seconds,
      visualization_path: null,
      ...(switches.payloadBytes > 0 ? { padding: "x".repeat(switches.payloadBytes) } : {}),
    };
  }

  /** A model's failed attempts share one row; its success gets a row of its own. */
  function addRow(run, fields) {
    const stored = fields.status === "FAILED" ? run.rows.find((row) => isFailureOf(row, fields.modelName)) : undefined;
    if (stored) Object.assign(stored, fields, { updatedAt: now() });
    else run.rows.push({ id: randomUUID(), analysisRunId: run.id, ...fields, createdAt: now(), updatedAt: now() });
  }

  function modelFailed(item, run, model, error, attempt) {
    addRow(run, {
      modelName: model,
      prediction: "N/A",
      confidence: 0,
      status: "FAILED",
      errorMessage: error.message,
      processingTime: null,
      mediaType: null,
      resultPayload: {
        error: error.message,
        stack: error.stack,
        serverResponse: { detail: { error: "Inference Error", message: error.message } },
        timestamp: now(),
        retryCount: attempt - 1,
        detector: DETECTOR_LABEL,
        simulated: true,
      },
    });
    publish(
      item,
      "ANALYSIS_FAILED",
      `Analysis failed for "${item.filename}" with model ${model} (${DETECTOR_LABEL}): ${error.message}`,
      { model_name: model, error_message: error.message, filename: item.filename, runId: run.id, timestamp: now() },
    );
  }

  /** The end of a model for good. Only a run whose models all succeeded is finalized. */
  function modelEnded(item, run, model, status) {
    run.ended.set(model, status);
    if (run.models.every((name) => run.ended.get(name) === "COMPLETED")) finalize(item, run);
  }

  function finalize(item, run) {
    setStatus(item, run, "ANALYZED");
    const of = (status) => run.rows.filter((row) => row.status === status).length;
    publish(
      item,
      "ANALYSIS_COMPLETE",
      `Analysis completed for "${item.filename}" (${of("COMPLETED")}/${run.rows.length} models succeeded)`,
      {
        runId: run.id,
        totalAnalyses: run.rows.length,
        completedAnalyses: of("COMPLETED"),
        failedAnalyses: of("FAILED"),
        pendingAnalyses: 0,
        finalStatus: "ANALYZED",
        filename: item.filename,
        timestamp: now(),
      },
    );
    const timer = setTimeout(() => {
      timers.delete(timer);
      // A medium that was deleted in between has no row to send.
      if (media.has(item.id)) tap.toRoom(item.userId, "media_update", fullRow(item));
    }, MEDIA_UPDATE_AFTER_MS);
    timers.add(timer);
  }

  function setStatus(item, run, status) {
    run.status = status;
    if (item.runs[0] === run) item.status = status;
    item.updatedAt = now();
  }

  const timers = new Set();

  /** The real system's timer: it tells nobody. */
  function sweepStuckRuns() {
    for (const item of media.values()) {
      for (const run of item.runs) {
        if (run.status === "ANALYZED" || run.status === "FAILED") continue;
        const over = run.models.every((model) => run.ended.has(model));
        const early = switches.analyzedEarly && Date.now() - Date.parse(run.createdAt) >= switches.stuckRunMs;
        const succeeded = [...run.ended.values()].includes("COMPLETED");
        if (over || (early && run.ended.size)) setStatus(item, run, succeeded ? "ANALYZED" : "FAILED");
      }
    }
  }
  let sweeper = setInterval(sweepStuckRuns, switches.stuckRunMs);

  const bareRow = (item) => ({
    id: item.id,
    filename: item.filename,
    url: item.url,
    publicId: item.publicId,
    mimetype: item.mimetype,
    size: item.size,
    description: item.description,
    status: item.status,
    mediaType: item.kind.mediaType,
    hasAudio: item.kind.mediaType === "VIDEO" ? null : item.kind.mediaType === "AUDIO",
    metadata: { format: { size: item.size, formatName: item.kind.container } },
    userId: item.userId,
    createdAt: item.createdAt,
    updatedAt: item.updatedAt,
    latestAnalysisRunId: item.latestAnalysisRunId,
  });

  const runRow = ({ id, mediaId, runNumber, status, createdAt, rows }) => ({
    id,
    mediaId,
    runNumber,
    status,
    createdAt,
    analyses: rows.map((row) => ({ ...row })),
  });

  const fullRow = (item, runs = item.runs) => {
    const { id, firstName, lastName, email } = item.user;
    return { ...bareRow(item), user: { id, firstName, lastName, email }, analysisRuns: runs.map(runRow) };
  };

  const ok = (res, status, data, message) =>
    res.status(status).json({ statusCode: status, data, message, success: true });

  function authenticate(req, _res, next) {
    const token = /^Bearer (.+)$/.exec(req.headers.authorization ?? "")?.[1];
    if (!token) throw new HttpError(401, "Unauthorized: Access token is required.");
    let claims;
    try {
      claims = tokens.verify(token);
    } catch (error) {
      throw new HttpError(401, error.message);
    }
    req.account = tokens.accountOf(claims);
    if (!req.account) throw new HttpError(401, "Unauthorized: User not found.");
    next();
  }

  /** The real validation throws inside its own error path, and every invalid input ends as a 500. */
  const validate = (valid) => {
    if (!valid) throw new HttpError(500, UNEXPECTED, { unexpected: true });
  };

  function itemOf(req) {
    validate(UUID.test(req.params.id));
    const item = media.get(req.params.id);
    if (!item || item.userId !== tokens.userId(req.account)) {
      throw new HttpError(404, "Media not found or you do not have permission.");
    }
    return item;
  }

  const router = restRouter({
    origin: ctx.corsOrigin,
    credentials: true,
    faults,
    errorBody,
    unexpected: UNEXPECTED,
    invalidInputIs500: true,
    report: ctx.report,
    routes(api) {
      api.post("/auth/login", (req, res) => {
        const { email, password } = bodyOf(req);
        validate(typeof email === "string" && email.includes("@") && typeof password === "string" && password !== "");
        const account = findAccount(email, password);
        if (!account) throw new HttpError(401, "Invalid email or password");
        const token = tokens.issue(account);
        res.cookie("authToken", token, { path: "/analysis", httpOnly: true, sameSite: "lax" });
        ok(res, 200, { user: tokens.user(account), token }, "Login successful");
      });
      api.post("/auth/signup", (req) => {
        const { email, password } = bodyOf(req);
        validate(typeof email === "string" && email.includes("@") && typeof password === "string");
        throw new HttpError(403, "This reference server has two demo accounts and takes no others.");
      });
      api.post("/auth/logout", (_req, res) => {
        res.clearCookie("authToken", { path: "/analysis" });
        ok(res, 200, {}, "Logout successful");
      });
      api.use(authenticate);
      api.get("/auth/profile", (req, res) => ok(res, 200, tokens.user(req.account), "Profile retrieved successfully"));

      api.get("/media", (req, res) => {
        const own = [...media.values()].filter((item) => item.userId === tokens.userId(req.account)).reverse();
        ok(
          res,
          200,
          own.map((item) => fullRow(item, item.runs.slice(0, 1))),
          "Success",
        );
      });
      api.post("/media", ...receive(ctx.uploads, "media"), async (req, res) => {
        if (media.size >= MOST_MEDIA) throw new HttpError(507, `This server keeps at most ${MOST_MEDIA} media.`);
        const { path, name, size, kind, mimetype } = req.upload;
        const { description } = bodyOf(req);
        const id = randomUUID();
        const publicId = `${kind.mediaType.toLowerCase()}s/${id}${extname(name).slice(0, 16)}`;
        const item = {
          id,
          path,
          kind,
          filename: name,
          url: `/analysis/media/${id}`,
          publicId,
          mimetype,
          size,
          description: typeof description === "string" && description !== "" ? description : null,
          status: "QUEUED",
          userId: tokens.userId(req.account),
          user: tokens.user(req.account),
          createdAt: now(),
          updatedAt: now(),
          latestAnalysisRunId: null,
          runs: [],
        };
        media.set(id, item);
        const reply = bareRow(item);
        startRun(item);
        await wait(REPLY_AFTER_MS);
        ok(res, 202, reply, "Media uploaded and successfully queued for its first analysis run.");
      });
      api.get("/media/:id", (req, res) => ok(res, 200, fullRow(itemOf(req)), "Success"));
      api.patch("/media/:id", (req, res) => {
        const item = itemOf(req);
        const { description } = bodyOf(req);
        validate(typeof description === "string" && description.length <= 10_000);
        item.description = description;
        item.updatedAt = now();
        ok(res, 200, fullRow(item), "Media updated successfully");
      });
      api.delete("/media/:id", async (req, res) => {
        const item = itemOf(req);
        await remove(item);
        ok(res, 200, {}, "Media deleted successfully");
      });
      api.post("/media/:id/analyze", async (req, res) => {
        const item = itemOf(req);
        startRun(item);
        const reply = { ...fullRow(item), status: "QUEUED" };
        await wait(REPLY_AFTER_MS);
        ok(res, 202, reply, "Media successfully queued for a new analysis run.");
      });

      api.get("/monitoring/queue-status", (_req, res) =>
        ok(res, 200, queue.status(), "Processing queue status retrieved successfully."),
      );
      api.get("/monitoring/server-status", (_req, res) => ok(res, 200, serverStatus(), "Success"));
      api.get("/monitoring/server-history", (_req, res) => ok(res, 200, [], "Success"));
      api.use((req) => {
        throw new HttpError(404, `Route not found: ${req.method} ${req.originalUrl}`);
      });
    },
  });

  const startedAt = Date.now();
  const serverStatus = () => ({
    service_name: "Telltale reference server (demo detectors)",
    version: "1.0.0",
    status: "running",
    uptime_seconds: Math.floor((Date.now() - startedAt) / 1000),
    device_info: { type: "cpu" },
    system_info: {},
    models_info: DETECTOR_NAMES.map((name) => ({
      name,
      class_name: name,
      description: `${DETECTOR_LABEL}; measures the bytes, without forensic meaning`,
      loaded: true,
      device: "cpu",
      isAudio: true,
      isVideo: name !== "spectral-flatness",
      isImage: name !== "spectral-flatness",
      isMultiModal: false,
    })),
  });

  async function remove(item) {
    media.delete(item.id);
    queue.cancel(item.id);
    await rm(item.path, { force: true });
  }

  return {
    name: "analysis",
    mounts: [["/analysis/api/v1", router]],
    /** @returns the stored file of a medium, for previews */
    file: (id) => media.get(id),
    sockets,
    tap,
    tokens,
    faults,
    failures,
    room: (account) => tokens.userId(account),
    get switches() {
      return switches;
    },
    set(name, value) {
      if (!(name in switches)) throw new Error(`analysis has no switch ${name}`);
      switches[name] = value;
      if (name === "stuckRunMs") {
        clearInterval(sweeper);
        sweeper = setInterval(sweepStuckRuns, value);
      }
    },
    state: () => ({
      media: [...media.values()].map((item) => ({
        ...fullRow(item),
        analysisRuns: item.runs.map((run) => ({
          ...runRow(run),
          models: run.models,
          ended: Object.fromEntries(run.ended),
        })),
      })),
      queue: queue.status(),
    }),
    async reset({ media: forget = false } = {}) {
      switches = { ...SWITCHES(), names: ctx.names };
      clearInterval(sweeper);
      sweeper = setInterval(sweepStuckRuns, switches.stuckRunMs);
      failures.clear();
      if (forget) await Promise.all([...media.values()].map(remove));
    },
    async close() {
      clearInterval(sweeper);
      timers.forEach(clearTimeout);
      tap.close();
      await Promise.all([queue.close(), sockets.close()]);
    },
  };
}

/** The text of everything that the real system did not foresee, invalid input included. */
const UNEXPECTED = "An unexpected internal server error occurred.";

const isFailureOf = (row, model) => row.modelName === model && row.status === "FAILED";

function errorBody(error) {
  if (error.extra?.unexpected) return { success: false, message: error.message };
  return { success: false, message: error.message, errors: [] };
}
