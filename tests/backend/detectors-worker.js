/**
 * The worker thread of a queue: for each task reads the file in chunks, feeds one detector, reports bytes really read.
 *
 * Law: progress is bytes read over bytes in all, nothing else. Pacing waits between real reads so that a person can
 * watch; it never invents progress and never changes a result.
 */
import { open } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { parentPort } from "node:worker_threads";
import { createDetector } from "./detectors.js";

/** At least so many reads per file, so that the progress of a small file has steps. */
const LEAST_CHUNKS = 40;

/** Largest read. */
const MOST_CHUNK = 256 * 1024;

/** Wait after each read when pacing is on: 40 reads make a small file last 2 s per model. */
const LEAST_WAIT_MS = 50;

/** At most 8 progress reports a second. */
const REPORT_EVERY_MS = 125;

/** Without pacing time says nothing, so reports are spaced by share instead: 20 per file. */
const REPORT_EVERY_SHARE = 0.05;

/**
 * @param {{path: string, kind: import("./probe.js").Kind, model: string, pace: number, failAfter: number | null,
 *   failMessage: string | null}} task `pace` in bytes a second, 0 without pacing; with `failAfter` the attempt fails when
 *   that share of the file has been read
 */
async function detect({ path, kind, model, pace, failAfter, failMessage }) {
  const file = await open(path, "r");
  try {
    const detector = createDetector(model, kind);
    const { size } = kind;
    const chunkSize = Math.max(1, Math.min(MOST_CHUNK, Math.ceil(size / LEAST_CHUNKS)));
    const waitMs = pace > 0 ? Math.max(LEAST_WAIT_MS, (chunkSize / pace) * 1000) : 0;
    const buffer = Buffer.allocUnsafe(chunkSize);
    const started = performance.now();
    let read = 0;
    let chunks = 0;
    let reportedAt = -Infinity;
    let reportedShare = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, chunkSize, read);
      if (bytesRead === 0) break;
      detector.push(buffer.subarray(0, bytesRead));
      read += bytesRead;
      chunks += 1;
      if (failAfter !== null && read >= failAfter * size) throw new Error(failMessage);
      const now = performance.now();
      const share = read / size;
      const due = pace > 0 ? now - reportedAt >= REPORT_EVERY_MS : share - reportedShare >= REPORT_EVERY_SHARE;
      if (due || read === size) {
        parentPort.postMessage({ read });
        reportedAt = now;
        reportedShare = share;
      }
      const early = started + chunks * waitMs - performance.now();
      if (early > 0) await wait(early);
    }
    if (read !== size) throw new Error(`the file has ${read} bytes, expected ${size}`);
    return { result: detector.finish(), seconds: (performance.now() - started) / 1000 };
  } finally {
    await file.close();
  }
}

parentPort.on("message", (task) => {
  detect(task).then(
    (outcome) => parentPort.postMessage(outcome),
    (error) => parentPort.postMessage({ error: error.message }),
  );
});
