/**
 * A job queue with one worker at a time and three attempts: what BullMQ and Bull do for the real systems.
 *
 * Law: jobs run strictly one after another in the order in which they became ready; a failed job waits for its delay
 * while the others go on. Attempts run in one worker thread, so reading and measuring never hold up the server.
 *
 * Left out: storage. Jobs live in memory, as the whole reference server does.
 */
import { Worker } from "node:worker_threads";

/** The attempts every real queue is configured with. */
export const ATTEMPTS = 3;

/** Share of the file that an attempt told to fail has read by then: a failure that comes after visible progress. */
const FAIL_AFTER = 0.3;

/** The attempts that a test wants to fail, by model; `*` stands for any model. */
export class Failures {
  constructor() {
    this.left = new Map();
  }

  /** @param {string} model @param {number} times */
  set(model, times) {
    this.left.set(model, times);
  }

  clear() {
    this.left.clear();
  }

  /** @param {string} model @returns {boolean} whether this attempt is to fail, counting down */
  take(model) {
    const key = this.left.has(model) ? model : "*";
    const left = this.left.get(key) ?? 0;
    if (left > 0) this.left.set(key, left - 1);
    return left > 0;
  }
}

export class Queue {
  /** @param {{retryDelay: number, pace: number}} settings shared and changeable while it runs */
  constructor(settings) {
    this.settings = settings;
    this.ready = [];
    this.timers = new Set();
    this.busy = false;
    this.closed = false;
    this.worker = null;
    this.current = null;
    this.counts = { completed: 0, failed: 0 };
  }

  /**
   * @param {{owner: string, run: (attempt: number) => Promise<void>, failed?: (error: Error, attempt: number) => void,
   *   gaveUp?: (error: Error) => void, done?: () => void}} job `owner` is the id by which `cancel` finds it
   * @param {number} delayMs before the first attempt
   */
  add(job, delayMs = 0) {
    const entry = { ...job, attempt: 1 };
    if (delayMs > 0) this.#later(entry, delayMs);
    else this.#enqueue(entry);
  }

  /** Forgets an owner's jobs and ends its running attempt. @param {string} owner */
  cancel(owner) {
    this.ready = this.ready.filter((job) => job.owner !== owner);
    for (const timer of this.timers) {
      if (timer.job.owner === owner) this.#drop(timer);
    }
    if (this.current?.owner === owner) {
      this.current.cancelled = true;
      void this.worker?.terminate();
      this.worker = null;
    }
  }

  /** In the words of the real system's queue status. */
  status() {
    return {
      pending: this.ready.length,
      active: this.busy ? 1 : 0,
      completed: this.counts.completed,
      failed: this.counts.failed,
      delayed: this.timers.size,
    };
  }

  /** Ends everything at once; no callback comes any more. */
  async close() {
    this.closed = true;
    this.ready = [];
    for (const timer of this.timers) this.#drop(timer);
    await this.worker?.terminate();
  }

  /**
   * Runs one detector over one file in a worker thread; to be called from a job's `run`.
   *
   * @param {{path: string, kind: object, model: string, fail: string | null, progress: (bytesRead: number) => void}} task
   * @returns {Promise<{result: object, seconds: number}>}
   */
  detect({ path, kind, model, fail, progress }) {
    this.worker ??= this.#hire();
    const { worker } = this;
    return new Promise((resolve, reject) => {
      const settle = (act, value) => {
        worker.off("message", hear);
        worker.off("exit", left);
        act(value);
      };
      const hear = (message) => {
        if (message.error) settle(reject, new Error(message.error));
        else if (message.result) settle(resolve, message);
        else if (!this.closed && !this.current?.cancelled) progress(message.read);
      };
      const left = () => settle(reject, new Error("the worker ended without a result"));
      worker.on("message", hear);
      worker.on("exit", left);
      const failAfter = fail === null ? null : FAIL_AFTER;
      worker.postMessage({ path, kind, model, pace: this.settings.pace, failAfter, failMessage: fail });
    });
  }

  #hire() {
    const worker = new Worker(new URL("./detectors-worker.js", import.meta.url));
    const gone = () => {
      if (this.worker === worker) this.worker = null;
    };
    // An error is followed by the exit, which ends the attempt; the next one gets a new worker.
    worker.on("error", gone);
    worker.on("exit", gone);
    return worker;
  }

  #enqueue(job) {
    this.ready.push(job);
    void this.#work();
  }

  #later(job, delayMs) {
    const timer = { job, handle: null };
    timer.handle = setTimeout(() => {
      this.timers.delete(timer);
      this.#enqueue(job);
    }, delayMs);
    this.timers.add(timer);
  }

  #drop(timer) {
    clearTimeout(timer.handle);
    this.timers.delete(timer);
  }

  async #work() {
    if (this.busy) return;
    this.busy = true;
    // The caller of `add` goes on first: its own messages (the job is queued) precede those of the first attempt.
    await Promise.resolve();
    while (!this.closed && this.ready.length) {
      const job = this.ready.shift();
      this.current = job;
      try {
        await job.run(job.attempt);
        if (this.closed || job.cancelled) continue;
        this.counts.completed += 1;
        job.done?.();
      } catch (error) {
        if (this.closed || job.cancelled) continue;
        this.#failed(job, error instanceof Error ? error : new Error(String(error)));
      }
    }
    this.current = null;
    this.busy = false;
  }

  #failed(job, error) {
    job.failed?.(error, job.attempt);
    if (job.attempt >= ATTEMPTS) {
      this.counts.failed += 1;
      job.gaveUp?.(error);
      return;
    }
    // Exponential back-off from a base of 5 s: +5 s, then +10 s.
    const delayMs = this.settings.retryDelay * 2 ** (job.attempt - 1);
    job.attempt += 1;
    this.#later(job, delayMs);
  }
}
