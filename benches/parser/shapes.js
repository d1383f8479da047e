// Events as the servers' vocabularies have them, one of each order of size. The values are made up.

/** @returns {{name: string, frames: (string | ArrayBuffer)[], batch: number}[]} frames, and how many make a good turn */
export function shapes() {
  return [
    { name: "200 B", frames: [text("progress_update", progress())], batch: 2000 },
    { name: "1.2 KB", frames: [text("progress_update", finished())], batch: 1000 },
    { name: "10 KB", frames: [text("media_update", media())], batch: 100 },
    { name: "100 KB binary", frames: [frameHeader(), new ArrayBuffer(100_000)], batch: 100 },
  ];
}

function text(event, payload) {
  return `42${JSON.stringify([event, payload])}`;
}

/** One step of one model. */
function progress() {
  return {
    mediaId: "0d9f7a52-41c4",
    event: "FRAME_ANALYSIS_PROGRESS",
    message: "Processed 40/100 frames",
    data: { model_name: "siglip-lstm-v4", progress: 40, total: 100 },
    timestamp: "2026-02-20T10:30:01.000Z",
  };
}

/** A model's result. */
function finished() {
  return {
    mediaId: "0d9f7a52-41c4-4a53-9a3f-7d2c1b6f0e11",
    userId: "user-ada",
    event: "ANALYSIS_COMPLETED",
    message: "Analysis with siglip-lstm-v4 is complete: “FAKE” — 97.3 % sure",
    data: { runId: "run-1", ...result(0, 12) },
    timestamp: "2026-02-20T10:30:01.000Z",
  };
}

/** A medium with its runs. */
function media() {
  return {
    id: "0d9f7a52-41c4-4a53-9a3f-7d2c1b6f0e11",
    filename: "interview – final (3).mp4",
    mimetype: "video/mp4",
    size: 73_400_320,
    status: "ANALYZED",
    metadata: { width: 1920, height: 1080, fps: 29.97, duration: 61.5, codec: null },
    runs: Array.from({ length: 2 }, (_, run) => ({
      id: `run-${run + 1}`,
      runNumber: run + 1,
      status: "ANALYZED",
      results: Array.from({ length: 5 }, (_, model) => result(model, 10)),
    })),
  };
}

function result(model, frames) {
  return {
    id: `result-${model}`,
    model_name: ["siglip-lstm-v4", "color-cues-lstm-v1", "eff-b7-v1", "mff-moe-v1", "dire-v1"][model],
    prediction: model % 2 ? "REAL" : "FAKE",
    confidence: 0.9731 - model / 50,
    is_final: true,
    error: null,
    processing_time: 12.25 + model,
    frames: Array.from({ length: frames }, (_, index) => ({
      index,
      score: Math.round((0.5 + Math.sin(index + model) / 2.1) * 1e6) / 1e6,
      label: index % 3 ? "FAKE" : "REAL",
    })),
    faces: { average: 1.5, frames_without: 0 },
  };
}

function frameHeader() {
  const payload = {
    meetingId: "m1",
    userId: "u1",
    timestamp: 1_771_583_401_000,
    frame: { _placeholder: true, num: 0 },
  };
  return `451-${JSON.stringify(["video-frame", payload])}`;
}
