/**
 * The two demo accounts and the tokens of the three backends that ask for one.
 *
 * Law: each backend signs its own claims and lifetime; a token of one is not valid at another. Nothing here is a
 * secret: the accounts are printed at start and the server listens on the loopback address only.
 */
import { createHash, randomUUID } from "node:crypto";
import jwt from "jsonwebtoken";

/** Lifetimes in seconds as the real systems have them. */
const LIFE = { analysis: 24 * 3600, library: 15 * 60, interview: 7 * 24 * 3600 };

/** Most tokens remembered for "expire all": far more than a test or a demo issues. */
const MOST_ISSUED = 10_000;

const CREATED_AT = "2026-01-05T09:00:00.000Z";

/** One organisation: both accounts see each other's videos in `library`. */
const ORGANIZATION_ID = "66f0c0de0000000000000001";

const ACCOUNTS = [
  {
    email: "ada@telltale.test",
    password: "analysis",
    firstName: "Ada",
    lastName: "Lovelace",
    username: "ada",
    uuid: "a0a0a0a0-0000-4000-8000-000000000001",
    objectId: "66f0c0de00000000000000a1",
  },
  {
    email: "grace@telltale.test",
    password: "interview",
    firstName: "Grace",
    lastName: "Hopper",
    username: "grace",
    uuid: "b0b0b0b0-0000-4000-8000-000000000002",
    objectId: "66f0c0de00000000000000b2",
  },
];

/** @param {unknown} email @param {unknown} password @returns the account, or undefined */
export const findAccount = (email, password) =>
  ACCOUNTS.find(
    (account) =>
      typeof email === "string" && account.email === email.trim().toLowerCase() && account.password === password,
  );

/** The address and the password of each account, for the line printed at start. */
export const demoAccounts = () => ACCOUNTS.map(({ email, password }) => ({ email, password }));

/** How each backend names a user in its claims and how it shows one. */
const VIEWS = {
  analysis: {
    id: (account) => account.uuid,
    claims: (account) => ({ userId: account.uuid, email: account.email, role: "USER" }),
    owner: (claims) => claims.userId,
    user: (account) => ({
      id: account.uuid,
      email: account.email,
      firstName: account.firstName,
      lastName: account.lastName,
      role: "USER",
      isActive: true,
      createdAt: CREATED_AT,
      updatedAt: CREATED_AT,
    }),
  },
  library: {
    id: (account) => account.objectId,
    claims: (account) => ({ userId: account.objectId, role: "editor", organizationId: ORGANIZATION_ID }),
    owner: (claims) => claims.userId,
    user: (account) => ({
      id: account.objectId,
      email: account.email,
      name: `${account.firstName} ${account.lastName}`,
      role: "editor",
      organizationId: ORGANIZATION_ID,
    }),
  },
  interview: {
    id: (account) => account.objectId,
    claims: (account) => ({ _id: account.objectId, email: account.email, username: account.username, role: "USER" }),
    owner: (claims) => claims._id,
    user: (account) => ({
      _id: account.objectId,
      email: account.email,
      username: account.username,
      role: "USER",
      createdAt: CREATED_AT,
      updatedAt: CREATED_AT,
    }),
  },
};

/** Signs and verifies the tokens of one backend. */
export class Tokens {
  /** @param {"analysis" | "library" | "interview"} backend @param {{secret: string, lifeSeconds: number | null}} options */
  constructor(backend, { secret, lifeSeconds }) {
    this.view = VIEWS[backend];
    this.secret = createHash("sha256").update(`${backend}:${secret}`).digest();
    this.lifeSeconds = lifeSeconds ?? LIFE[backend];
    this.issued = [];
    this.expired = new Set();
    /** Handshakes still to be refused; Infinity until switched back. */
    this.refusals = 0;
  }

  /** @param {object} account @param {number} [lifeSeconds] @returns {string} */
  issue(account, lifeSeconds = this.lifeSeconds) {
    return this.sign(this.view.claims(account), lifeSeconds);
  }

  /** @param {object} claims @param {number} [lifeSeconds] */
  sign(claims, lifeSeconds = this.lifeSeconds) {
    // An id per token keeps two tokens of the same second apart, so that one of them can be expired alone.
    const token = jwt.sign(claims, this.secret, { expiresIn: lifeSeconds, jwtid: randomUUID() });
    if (this.issued.length >= MOST_ISSUED) this.expired.delete(this.issued.shift());
    this.issued.push(token);
    return token;
  }

  /** @param {unknown} token @returns the claims @throws {Error} with the texts of jsonwebtoken */
  verify(token) {
    if (typeof token !== "string") throw new jwt.JsonWebTokenError("jwt must be a string");
    if (this.expired.has(token)) throw new jwt.TokenExpiredError("jwt expired", new Date());
    return jwt.verify(token, this.secret);
  }

  /** Makes every token issued so far count as expired. */
  expireAll() {
    this.expired = new Set(this.issued);
  }

  /** @returns {boolean} whether this handshake is to be refused, counting down */
  refuseHandshake() {
    if (this.refusals <= 0) return false;
    this.refusals -= 1;
    return true;
  }

  /** @param {object} claims @returns the account that a verified token names, or undefined */
  accountOf(claims) {
    return ACCOUNTS.find((account) => this.view.id(account) === this.view.owner(claims));
  }

  /** @param {object} account @returns the user as this backend's REST shows it */
  user(account) {
    return this.view.user(account);
  }

  /** @param {object} account */
  userId(account) {
    return this.view.id(account);
  }
}
