/**
 * The documented vocabularies: what each system's guide says it emits, from what its code really emits.
 *
 * Law: a pure translation of one real event into none, one or several documented ones. The servers speak the real
 * names unless told otherwise; a client has to understand both.
 */

/** The real names as they are. */
export const real = (event, args) => [[event, ...args]];

/**
 * `analysis` by its guide: six names with bare payloads and percentages.
 *
 * @param {{runOf(mediaId: string): {id: string, models: string[], rows: object[]} | null}} store the guide's payloads
 *   name the run on every event, the real ML events do not
 * @param {{batchProgress: boolean}} switches with `batchProgress` progress goes to everybody in a `batch_update`
 */
export const documentedAnalysis = (store, switches) => (event, args) => {
  if (event === "processing_error") return real(event, args);
  if (event !== "progress_update") return [];
  const { mediaId, userId, event: kind, data = {} } = args[0];
  const run = store.runOf(mediaId);
  const modelName = data.model_name;
  const about = { userId, mediaId, analysisRunId: data.runId ?? run?.id ?? null };
  switch (kind) {
    case "ANALYSIS_QUEUED":
      // The guide announces the upload once; the code queues each model.
      if (run && run.models[0] !== modelName) return [];
      return [["media_uploaded", { userId, mediaId, filename: run?.filename ?? null, status: "QUEUED" }]];
    case "ANALYSIS_STARTED":
      return [["analysis_started", { ...about, modelName }]];
    case "FRAME_ANALYSIS_PROGRESS": {
      if (typeof data.progress !== "number" || !data.total) return [];
      const progress = { ...about, modelName, progress: Math.round((100 * data.progress) / data.total) };
      if (switches.batchProgress) return [["batch_update", [{ eventName: "analysis_progress", data: progress }]]];
      return [["analysis_progress", progress]];
    }
    case "ANALYSIS_COMPLETED": {
      const row = run?.rows.find((candidate) => candidate.modelName === modelName && candidate.status === "COMPLETED");
      const { prediction, confidence } = data;
      return [["analysis_completed", { ...about, analysisId: row?.id ?? null, modelName, prediction, confidence }]];
    }
    case "ANALYSIS_FAILED":
      return modelName ? [["analysis_failed", { ...about, modelName, error: data.error_message }]] : [];
    case "ANALYSIS_COMPLETE":
      if (modelName) return [];
      return [
        [
          "run_finalized",
          {
            ...about,
            finalStatus: data.finalStatus,
            totalModels: data.totalAnalyses,
            completedCount: data.completedAnalyses,
            failedCount: data.failedAnalyses,
          },
        ],
      ];
    default:
      return [];
  }
};

/** The stage names of the library's guide, by the messages its worker sends. */
const STAGES = {
  "Starting processing...": "upload",
  "Metadata extracted": "metadata",
  "Thumbnail generated": "thumbnail",
  "Sensitivity analysis completed": "sensitivity",
  "Processing completed": "complete",
};

/** `library` by its guide: `video:progress`, `video:processed`, `video:failed`; no greeting. */
export const documentedLibrary = (event, args) => {
  const payload = args[0] ?? {};
  const { videoId } = payload;
  switch (event) {
    case "connected":
      return [];
    case "video:process:progress":
      return [["video:progress", { videoId, progress: payload.progress, stage: STAGES[payload.message] }]];
    case "video:process:complete":
      return [
        [
          "video:processed",
          {
            videoId,
            status: payload.status,
            metadata: { duration: payload.duration ?? null },
            thumbnail: payload.thumbnailUrl ?? null,
            sensitivity: { status: payload.sensitivityStatus },
          },
        ],
      ];
    case "video:process:failed":
      return [["video:failed", payload]];
    default:
      return real(event, args);
  }
};

/** `meeting` by its guide: joiners have a name, errors a code and a severity. */
export const documentedMeeting = (event, args) => {
  if (event === "participant-joined") {
    const { userId, ...rest } = args[0];
    return [[event, { userId, userName: displayName(userId), ...rest }]];
  }
  if (event === "error") return [[event, { code: "INVALID_MEETING_ID", ...args[0], severity: "error" }]];
  return real(event, args);
};

/** `interview` by its guide: the bare names, without the id. */
export const documentedInterview = (event, args) => [[event.split(":").slice(0, 2).join(":"), ...args]];

/** A readable name from an id like `user-jane-doe`: "Jane Doe". @param {string} userId */
const displayName = (userId) =>
  String(userId)
    .replace(/^user-/, "")
    .split(/[-_ ]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(" ");
