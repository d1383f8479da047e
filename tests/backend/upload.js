/**
 * Multipart uploads into a temporary folder, with every way to refuse one as an error that has a status and a sentence.
 *
 * Law: a refused upload leaves no file behind; a client that is refused can still read the answer.
 */
import { open, rm } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { basename } from "node:path";
import multer from "multer";
import { probe } from "./probe.js";

/** Bytes read to tell what a file is: the headers of a WAV stand within the first 64 KiB. */
const HEAD_BYTES = 64 * 1024;

/** Bytes of multipart framing and text fields that a body may have beside the file. */
const FRAMING = 64 * 1024;

/** Longest file name kept: the limit of common file systems. */
const MOST_NAME = 255;

/** Why an upload was refused; `status` is the HTTP status for it. */
export class UploadError extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** @param {number} bytes */
const megabytes = (bytes) => `${Math.round((bytes / 1e6) * 10) / 10} MB`;

/**
 * @param {{folder: string, maxBytes: number}} options
 * @param {string} field the name the file must come under
 * @returns {import("express").RequestHandler[]} sets `req.upload`: `{path, name, mimetype, size, kind}`
 */
export function receive({ folder, maxBytes }, field) {
  const tooLarge = () => new UploadError(413, `File too large: the limit is ${megabytes(maxBytes)}.`);
  const parse = multer({
    storage: multer.diskStorage({ destination: folder, filename: (_req, _file, done) => done(null, randomUUID()) }),
    limits: { fileSize: maxBytes, files: 1, fields: 20, parts: 21, fieldSize: 64 * 1024 },
    defParamCharset: "utf8",
  }).single(field);
  return [
    (req, _res, next) => {
      if (Number(req.headers["content-length"]) > maxBytes + FRAMING) {
        // Read and drop the body: a browser that is still sending would report a broken connection, not the answer.
        req.resume();
        return next(tooLarge());
      }
      if (!String(req.headers["content-type"]).startsWith("multipart/form-data")) {
        req.resume();
        return next(new UploadError(400, `Send the file as multipart/form-data in the field "${field}".`));
      }
      parse(req, _res, (error) => {
        if (!error) return next();
        if (error.code === "LIMIT_FILE_SIZE") return next(tooLarge());
        if (error.code === "LIMIT_UNEXPECTED_FILE") {
          return next(new UploadError(400, `Unexpected file field "${error.field}": send the file as "${field}".`));
        }
        next(new UploadError(400, `The upload could not be read: ${error.message}.`));
      });
    },
    async (req, _res, next) => {
      if (!req.file) throw new UploadError(400, `No file was sent in the field "${field}".`);
      const { path, size } = req.file;
      if (size === 0) {
        await rm(path, { force: true });
        throw new UploadError(400, "The file is empty.");
      }
      const name = basename(req.file.originalname).slice(0, MOST_NAME) || "file";
      const kind = await probeFile(path, size);
      req.upload = { path, name, size, kind, mimetype: kind.mimetype ?? req.file.mimetype };
      next();
    },
  ];
}

async function probeFile(path, size) {
  const file = await open(path, "r");
  try {
    const head = Buffer.alloc(Math.min(size, HEAD_BYTES));
    await file.read(head, 0, head.length, 0);
    return probe(head, size);
  } finally {
    await file.close();
  }
}
