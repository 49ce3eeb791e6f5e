// SPDX-License-Identifier: CC0-1.0
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  randomBytes,
  randomInt,
  scrypt,
  timingSafeEqual,
} from "node:crypto";
import { promisify } from "node:util";

/** Calculate the SHA-256 hash of a text as hexadecimal digits. */
export function sha256(text) {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

/** Generate a secure random token that is safe in URLs. */
export function randomToken(bytes = 32) {
  return randomBytes(bytes).toString("base64url");
}

/** Generate a secure random code of digits, for instance to confirm a login. */
export function randomCode(digits = 6) {
  return Array.from({ length: digits }, () => randomInt(10)).join("");
}

/** Hash a password for storage with scrypt and a random salt. */
export async function hashPassword(password) {
  const salt = randomBytes(16);
  const hash = await promisify(scrypt)(password, salt, 64);
  return `${salt.toString("hex")}:${hash.toString("hex")}`;
}

/** Check a password against a stored scrypt hash `salt:hash`, in constant time. */
export async function verifyPassword(password, stored) {
  const [salt, hash] = stored.split(":").map((part) => Buffer.from(part, "hex"));
  return timingSafeEqual(await promisify(scrypt)(password, salt, hash.length), hash);
}

/** Verify the HMAC-SHA256 signature of a webhook in constant time. */
export function verifyWebhook(body, signature, secret) {
  const expected = createHmac("sha256", secret).update(body).digest();
  const given = Buffer.from(signature, "hex");
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** Encrypt a text with AES-256-GCM under a key of 32 bytes. */
export function encrypt(text, key) {
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, iv);
  const data = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), data]).toString("base64");
}

/** Decrypt a text that was encrypted with AES-256-GCM; a changed one raises an error. */
export function decrypt(encrypted, key) {
  const bytes = Buffer.from(encrypted, "base64");
  const options = { authTagLength: 16 };
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12), options);
  decipher.setAuthTag(bytes.subarray(12, 28));
  return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString("utf8");
}
