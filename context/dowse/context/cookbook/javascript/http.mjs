// SPDX-License-Identifier: CC0-1.0
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Fetch JSON from a URL with a timeout; a status of 400 or more is an error. */
export async function fetchJson(url, { timeout = 10_000, ...options } = {}) {
  const response = await fetch(url, { ...options, signal: AbortSignal.timeout(timeout) });
  if (!response.ok) throw new Error(`${url} answered ${response.status} ${response.statusText}`);
  return response.json();
}

/** Send JSON by HTTP POST and parse the JSON answer. */
export async function postJson(url, data, headers = {}) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(data),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.json();
}

/** Fetch a URL and retry with exponential backoff on network errors, 429 and server errors. */
export async function fetchWithRetry(url, { attempts = 4, delay = 300, ...options } = {}) {
  for (let attempt = 1; ; attempt++) {
    const outcome = await fetch(url, options).catch((error) => error);
    const failed = outcome instanceof Error || outcome.status === 429 || outcome.status >= 500;
    if (!failed) return outcome;
    if (attempt >= attempts) {
      if (outcome instanceof Error) throw outcome;
      return outcome;
    }
    await new Promise((resolve) => setTimeout(resolve, delay * 2 ** (attempt - 1)));
  }
}

/** Download a file to disk in a stream; it gets its name only when it is complete. */
export async function downloadFile(url, path) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  const partial = `${path}.part`;
  try {
    await pipeline(Readable.fromWeb(response.body), createWriteStream(partial));
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/** Upload a file by HTTP POST as multipart form data. */
export async function uploadFile(url, name, content, field = "file") {
  const form = new FormData();
  form.append(field, new Blob([content]), name);
  const response = await fetch(url, { method: "POST", body: form });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response;
}

/** Add or replace query parameters of a URL, properly encoded; null removes one. */
export function withQuery(url, parameters) {
  const result = new URL(url);
  for (const [name, value] of Object.entries(parameters)) {
    if (value === null) result.searchParams.delete(name);
    else result.searchParams.set(name, value);
  }
  return result.href;
}

/** Parse the query string of a URL into an object; of repeated parameters the last one counts. */
export function parseQuery(url) {
  return Object.fromEntries(new URL(url).searchParams);
}

/** Check that a text is a valid absolute URL of http or https. */
export function isHttpUrl(text) {
  return URL.canParse(text) && ["http:", "https:"].includes(new URL(text).protocol);
}

/** Parse the Cookie header of an HTTP request into an object. */
export function parseCookies(header) {
  const cookies = {};
  for (const part of header.split(";")) {
    const sign = part.indexOf("=");
    if (sign < 1) continue;
    const name = part.slice(0, sign).trim();
    cookies[name] = decodeURIComponent(part.slice(sign + 1).trim());
  }
  return cookies;
}

/** Read the JSON body of a Node.js HTTP request, with a limit on its size. */
export async function readJsonBody(request, maxBytes = 1_000_000) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > maxBytes) throw new RangeError(`the body is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString("utf8"));
}

/** Start an HTTP server with routes such as `"GET /health"` that answer with JSON. */
export function startServer(routes, port = 0) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const route = routes[`${request.method} ${pathname}`];
    const answer = (status, data) => {
      response.writeHead(status, { "Content-Type": "application/json" });
      response.end(JSON.stringify(data));
    };
    try {
      if (route) answer(200, await route(request));
      else answer(404, { error: "not found" });
    } catch (error) {
      console.error(error);
      answer(500, { error: "internal error" });
    }
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}
