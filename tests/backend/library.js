/**
 * The `library` backend: an organisation's video library with sensitivity analysis (spoken by VideoS-tream).
 *
 * Law: events go to the whole organisation, private videos included, with the fixed steps 0, 20, 40, 80 and 100; list
 * items have `_id`, the upload's reply and the events `id` and `videoId`; nothing has an envelope.
 *
 * Left out: registration, streaming in ranges, thumbnails of videos (only an image is its own thumbnail).
 */
import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { findAccount, Tokens } from "./accounts.js";
import { detectorsFor } from "./detectors.js";
import { Failures, Queue } from "./queue.js";
import { bodyOf, Faults, HttpError, restRouter } from "./rest.js";
import { Sockets } from "./sockets.js";
import { Tap } from "./tap.js";
import { receive } from "./upload.js";
import { DETECTOR_LABEL } from "./verdict.js";
import { documentedLibrary, real } from "./vocabulary.js";

/** The real system's limits per 15 minutes and address; off by default, since a demo would lock itself out. */
const RATE = { windowMs: 15 * 60_000, auth: 5, api: 100 };

const PAGE = 20;

/** Most videos kept; a demo has a handful. */
const MOST_VIDEOS = 1000;

/** Rooms one socket may subscribe to, and the longest id: the real server has no bound here. */
const MOST_ROOMS = 100;
const MOST_ID = 128;

/** Suspicion from which a video is flagged, and those that name its level. */
const FLAGGED = 0.5;
const LEVELS = [
  [0.7, "high"],
  [0.4, "medium"],
  [0, "low"],
];

const SWITCHES = () => ({
  names: "real",
  /** 5 sign-ins and 100 calls per 15 minutes, as the real system */
  rateLimit: false,
});

/** @param {object} ctx see `server.js` */
export async function createLibrary(ctx) {
  const tokens = new Tokens("library", ctx);
  const queue = new Queue(ctx.settings);
  const faults = new Faults();
  const videos = new Map();
  const failures = new Failures();
  const refreshTokens = new Map();
  let calls = { since: Date.now(), auth: 0, api: 0 };
  let switches = { ...SWITCHES(), names: ctx.names };

  const sockets = new Sockets("/library/socket.io/", {
    transports: ["websocket", "polling"],
    pingInterval: 25_000,
    pingTimeout: 20_000,
    cors: { origin: ctx.corsOrigin, credentials: true },
  });
  const tap = new Tap(sockets.io, (event, args) => (switches.names === "real" ? real : documentedLibrary)(event, args));

  sockets.io.use((socket, next) => {
    const { token } = socket.handshake.auth;
    if (!token) return next(new Error("Authentication token required"));
    try {
      if (tokens.refuseHandshake()) throw new Error("refused");
      socket.data.claims = tokens.verify(token);
      next();
    } catch {
      next(new Error("Authentication failed"));
    }
  });
  sockets.io.on("connection", (socket) => {
    const { userId, organizationId } = socket.data.claims;
    socket.join([`org:${organizationId}`, `user:${userId}`]);
    tap.toSocket(socket, "connected", { socketId: socket.id, userId, organizationId });
    const room = (id) => (typeof id === "string" && id.length <= MOST_ID ? `video:${id}` : null);
    const subscribe = (id) => {
      if (room(id) && socket.rooms.size < MOST_ROOMS) socket.join(room(id));
    };
    socket.on("subscribe:video", subscribe);
    socket.on("video:subscribe", (id) => switches.names === "documented" && subscribe(id));
    socket.on("unsubscribe:video", (id) => room(id) && socket.leave(room(id)));
    socket.on("ping", () => tap.toSocket(socket, "pong"));
  });

  const toOrganization = (video, event, payload) => tap.toRoom(`org:${video.organizationId}`, event, payload);

  function step(video, progress, message, status = "processing") {
    video.processingProgress = progress;
    video.updatedAt = now();
    toOrganization(video, "video:process:progress", { videoId: video._id, progress, message, status });
  }

  /** One attempt: the detectors run between the fixed steps, so each step stands for bytes that were read. */
  async function processVideo(video) {
    video.status = "processing";
    step(video, 0, "Starting processing...");
    const source = sourceOf(video);
    if (source.kind.container === null) throw new Error(unreadable(video));
    const models = detectorsFor(source.kind);
    const findings = {};
    for (const [index, model] of models.entries()) {
      const { result } = await queue.detect({
        ...source,
        model,
        fail: failures.take(model) ? `Injected failure of the ${DETECTOR_LABEL}.` : null,
        progress: () => {},
      });
      findings[model] = result;
      if (index === 0) step(video, 20, "Metadata extracted");
      if (index === 1 && source.kind.mediaType === "IMAGE") {
        video.thumbnailUrl = `/library/api/stream/${video._id}/thumbnail`;
        step(video, 40, "Thumbnail generated");
      }
    }
    judge(video, findings);
    step(video, 80, "Sensitivity analysis completed");
    video.status = "completed";
    step(video, 100, "Processing completed", "completed");
    toOrganization(video, "video:process:complete", {
      videoId: video._id,
      status: "completed",
      sensitivityStatus: video.sensitivityStatus,
      ...(video.thumbnailUrl ? { thumbnailUrl: video.thumbnailUrl } : {}),
      detector: DETECTOR_LABEL,
      simulated: true,
    });
  }

  /** Sensitivity = the mean suspicion of the detectors. */
  function judge(video, findings) {
    const scores = Object.entries(findings).map(([model, { suspicion }]) => [model, suspicion]);
    const score = scores.reduce((sum, [, value]) => sum + value, 0) / Math.max(1, scores.length);
    const [, level] = LEVELS.find(([least]) => score >= least);
    video.sensitivityStatus = score >= FLAGGED ? "flagged" : "safe";
    video.sensitivity = {
      level,
      score,
      analysis: Object.fromEntries(scores),
      analyzedAt: now(),
      detector: DETECTOR_LABEL,
      simulated: true,
    };
    video.sensitivityScore = score;
  }

  function processFailed(video, error) {
    video.status = "failed";
    video.processingProgress = 0;
    video.updatedAt = now();
    toOrganization(video, "video:process:failed", { videoId: video._id, error: error.message });
  }

  function authenticate(req, _res, next) {
    const token = /^Bearer (.+)$/.exec(req.headers.authorization ?? "")?.[1];
    if (!token) throw new HttpError(401, "No token provided");
    let claims;
    try {
      claims = tokens.verify(token);
    } catch (error) {
      if (error.name === "TokenExpiredError") throw new HttpError(401, "Token expired", { code: "TOKEN_EXPIRED" });
      throw new HttpError(401, "Invalid token");
    }
    req.account = tokens.accountOf(claims);
    if (!req.account) throw new HttpError(401, "User not found or inactive");
    req.organizationId = claims.organizationId;
    next();
  }

  function videoOf(req) {
    const video = videos.get(req.params.id);
    if (!video || video.organizationId !== req.organizationId) throw new HttpError(404, "Video not found");
    return video;
  }

  const limit = (kind) => (_req, res, next) => {
    if (!switches.rateLimit) return next();
    if (Date.now() - calls.since >= RATE.windowMs) calls = { since: Date.now(), auth: 0, api: 0 };
    calls[kind] += 1;
    res.setHeader("RateLimit-Limit", RATE[kind]);
    res.setHeader("RateLimit-Remaining", Math.max(0, RATE[kind] - calls[kind]));
    if (calls[kind] <= RATE[kind]) return next();
    res.setHeader("Retry-After", Math.ceil((calls.since + RATE.windowMs - Date.now()) / 1000));
    throw new HttpError(429, "Too many requests, please try again later.");
  };

  function session(res, account) {
    const refresh = newId() + newId();
    // Bound: the oldest session is forgotten first.
    if (refreshTokens.size >= MOST_VIDEOS) refreshTokens.delete(refreshTokens.keys().next().value);
    refreshTokens.set(refresh, account);
    // Not `Secure`, unlike the real one: this server speaks plain HTTP on the loopback address.
    res.cookie("refreshToken", refresh, {
      path: "/library",
      httpOnly: true,
      sameSite: "strict",
      maxAge: 7 * 24 * 3600 * 1000,
    });
    return { user: tokens.user(account), token: tokens.issue(account) };
  }

  const router = restRouter({
    origin: ctx.corsOrigin,
    credentials: true,
    faults,
    errorBody,
    unexpected: "Internal server error",
    report: ctx.report,
    routes(api) {
      api.use("/auth", limit("auth"));
      api.use(limit("api"));
      api.post("/auth/login", (req, res) => {
        const { email, password } = bodyOf(req);
        if (!email || !password) throw new HttpError(400, "Validation failed", { details: ["email and password"] });
        const account = findAccount(email, password);
        if (!account) throw new HttpError(401, "Invalid email or password");
        res.json({ message: "Login successful", ...session(res, account) });
      });
      api.post("/auth/register", () => {
        throw new HttpError(403, "This reference server has two demo accounts and takes no others.");
      });
      api.post("/auth/refresh", (req, res) => {
        const cookie = /(?:^|;\s*)refreshToken=([0-9a-f]+)/.exec(req.headers.cookie ?? "")?.[1];
        if (!cookie) throw new HttpError(401, "No refresh token provided");
        const account = refreshTokens.get(cookie);
        if (!account) throw new HttpError(401, "Invalid refresh token");
        refreshTokens.delete(cookie);
        const { token, user } = session(res, account);
        res.json({ token, user });
      });
      api.use(authenticate);
      api.get("/auth/me", (req, res) => {
        const { id, ...user } = tokens.user(req.account);
        res.json({ user: { ...user, isActive: true, _id: id } });
      });
      api.get("/videos", (req, res) => {
        const page = Math.max(1, Number.parseInt(req.query.page, 10) || 1);
        const size = Math.min(100, Math.max(1, Number.parseInt(req.query.limit, 10) || PAGE));
        const { status, sensitivityStatus, search } = req.query;
        const all = [...videos.values()]
          .filter((video) => video.organizationId === req.organizationId)
          .filter((video) => !status || video.status === status)
          .filter((video) => !sensitivityStatus || video.sensitivityStatus === sensitivityStatus)
          .filter((video) => typeof search !== "string" || video.title.toLowerCase().includes(search.toLowerCase()))
          .reverse();
        res.json({
          videos: all.slice((page - 1) * size, page * size).map(document),
          pagination: { page, limit: size, total: all.length, pages: Math.ceil(all.length / size) },
        });
      });
      api.get("/videos/:id", (req, res) => res.json({ video: document(videoOf(req)) }));
      api.get("/videos/:id/status", (req, res) => {
        const { status, processingProgress, sensitivityStatus } = videoOf(req);
        res.json({ status, progress: processingProgress, sensitivityStatus });
      });
      api.post("/videos", ...receive(ctx.uploads, "video"), (req, res) => {
        if (videos.size >= MOST_VIDEOS) throw new HttpError(507, `This server keeps at most ${MOST_VIDEOS} videos.`);
        const { path, name, size, kind } = req.upload;
        const { title, description, visibility } = bodyOf(req);
        const id = newId();
        const format = name.includes(".") ? name.slice(name.lastIndexOf(".") + 1).toLowerCase() : "";
        const video = {
          title: typeof title === "string" && title !== "" ? title.slice(0, 200) : name,
          description: typeof description === "string" ? description : "",
          filename: `${id}.${format}`,
          originalFilename: name,
          fileSize: size,
          format,
          storageProvider: "local",
          storageKey: `${id}.${format}`,
          status: "uploading",
          processingProgress: 0,
          sensitivityStatus: "pending",
          organizationId: req.organizationId,
          uploadedBy: tokens.userId(req.account),
          visibility: ["private", "organization", "public"].includes(visibility) ? visibility : "organization",
          allowedRoles: [],
          allowedUsers: [],
          viewCount: 0,
          _id: id,
          createdAt: now(),
          updatedAt: now(),
        };
        sources.set(id, { path, kind });
        videos.set(id, video);
        queue.add({ owner: id, run: () => processVideo(video), failed: (error) => processFailed(video, error) });
        res.status(201).json({
          message: "Video uploaded successfully",
          video: { id, title: video.title, status: video.status, filename: video.filename, fileSize: size, format },
        });
      });
      api.delete("/videos/:id", async (req, res) => {
        await remove(videoOf(req)._id);
        res.json({ message: "Video deleted successfully" });
      });
      api.get(["/stream/:id", "/stream/:id/thumbnail"], (req, res) => {
        const { path, kind } = sourceOf(videoOf(req));
        res.type(kind.mimetype ?? "application/octet-stream");
        res.sendFile(path);
      });
      api.use((req) => {
        throw new HttpError(404, `Route not found: ${req.method} ${req.originalUrl}`);
      });
    },
  });

  const sources = new Map();
  const sourceOf = (video) => sources.get(video._id);

  async function remove(id) {
    videos.delete(id);
    queue.cancel(id);
    await rm(sources.get(id).path, { force: true });
    sources.delete(id);
  }

  return {
    name: "library",
    mounts: [["/library/api", router]],
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
      if (!(name in switches)) throw new Error(`library has no switch ${name}`);
      switches[name] = value;
    },
    state: () => ({ videos: [...videos.values()].map(document), queue: queue.status() }),
    async reset({ media: forget = false } = {}) {
      switches = { ...SWITCHES(), names: ctx.names };
      calls = { since: Date.now(), auth: 0, api: 0 };
      failures.clear();
      if (forget) await Promise.all([...videos.keys()].map(remove));
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

/** A copy, so that a reply under way does not change with the video. */
const document = (video) => ({ ...video });

/** A file without any known structure; like the real text it is long and has several lines. */
const unreadable = (video) =>
  [
    `${DETECTOR_LABEL}: no known container found`,
    `  file: ${video.originalFilename}`,
    `  size: ${video.fileSize} bytes`,
    "  known containers: mp4, webm, avi, wav, ogg, mp3, png, jpeg, gif",
    "Invalid data found when processing input",
  ].join("\n");

function errorBody(error) {
  return { error: error.message, ...(error.extra?.unexpected ? {} : error.extra) };
}
