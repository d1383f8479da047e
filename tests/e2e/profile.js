/** A browser's folder of its own, and what ends it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

/** An empty folder whose name begins so. */
export const makeProfile = (prefix) => mkdtempSync(join(tmpdir(), prefix));

/**
 * Removes the folder of a browser that was ended, within ten seconds. The browser's children end after it, and write into
 * the folder until then; Node's own retries do not look at what came while it was removing.
 */
export async function removeProfile(folder) {
  for (let tries = 100; !isRemoved(folder); tries -= 1) {
    if (tries === 0) throw new Error(`${folder} is still written to`);
    await setTimeout(100);
  }
}

function isRemoved(folder) {
  try {
    rmSync(folder, { recursive: true, force: true });
    return true;
  } catch (error) {
    if (error.code === "ENOTEMPTY") return false;
    throw error;
  }
}
