// @ts-check
/// <reference lib="dom" />

import { untilVisible } from "./visibility.js";

/** @import { HostDetail, JobOutput, Jobs, Match } from "../model.ts" */

const NO_ANSWER = "The hub did not answer";
/** How long the hub may wait for more of an output. */
const WAIT_SECONDS = 20;
/** Outputs that it waits for at once: a browser has six connections to a hub, for all pages together. */
const MAX_WAITING = 1;

/**
 * What the page asks of the hub; `onSignedOut` is called where it no longer accepts the viewer.
 * @param {{ onSignedOut: () => void }} options
 */
export function createRequests({ onSignedOut }) {
  /**
   * The JSON of an answer, or what to say instead.
   * @template T
   * @param {string} path
   * @param {RequestInit} init
   * @param {(problem: string) => T} instead
   * @returns {Promise<T>}
   */
  async function ask(path, init, instead) {
    try {
      const response = await fetch(path, {
        ...init,
        headers: { accept: "application/json" },
      });
      if (response.status === 401) onSignedOut();
      return response.ok ? await response.json() : instead(await problemOf(response));
    } catch (_) {
      return instead(NO_ANSWER);
    }
  }

  /** @type {(problem: string) => JobOutput} */
  const lost = (problem) => (
    { text: "", nextOffset: null, leftOut: 0, state: "", exitCode: null, problem }
  );
  let waiting = 0;

  return {
    /**
     * @param {string} query
     * @param {AbortSignal} signal
     * @returns {Promise<Match>}
     */
    match: (query, signal) =>
      ask(`/api/match?${new URLSearchParams({ q: query })}`, { signal }, (problem) => ({
        kind: "problem",
        problem,
      })),
    /**
     * @param {string} host
     * @returns {Promise<HostDetail | null>} null: there is no answer
     */
    host: (host) => ask(`/api/hosts/${encodeURIComponent(host)}`, {}, () => null),
    /**
     * @param {string} host
     * @param {AbortSignal} signal
     * @returns {Promise<Jobs>} once somebody sees the page: the host itself is asked, and it is audited
     */
    jobs: async (host, signal) => {
      await untilVisible(signal);
      const path = `/api/hosts/${encodeURIComponent(host)}/jobs`;
      return await ask(path, { signal }, (problem) => ({ jobs: [], problem }));
    },
    /**
     * @param {{ host: string, id: string, offset: number }} wanted
     * @param {AbortSignal} signal
     * @returns {Promise<JobOutput>}
     */
    output: async ({ host, id, offset }, signal) => {
      const wait = waiting < MAX_WAITING ? WAIT_SECONDS : 0;
      const wanted = { host, id, offset: String(offset), wait: String(wait) };
      if (wait > 0) waiting++;
      const output = await ask(`/api/jobs/output?${new URLSearchParams(wanted)}`, { signal }, lost);
      if (wait > 0) waiting--;
      return output;
    },
    /**
     * @param {string} path
     * @param {URLSearchParams} body
     * @returns {Promise<{ problem: string | null }>}
     */
    post: (path, body) => ask(path, { method: "POST", body }, (problem) => ({ problem })),
    /** @returns {Promise<boolean>} whether the hub no longer accepts the viewer, and says so */
    async isSignedOut() {
      try {
        return (await fetch("/api/match?q=", { method: "GET" })).status === 401;
      } catch (_) {
        return false;
      }
    },
  };
}

/** @param {Response} response */
async function problemOf(response) {
  try {
    const { problem } = await response.json();
    if (typeof problem === "string") return problem;
  } catch (_) {
    // It is no JSON: its status must do.
  }
  return response.status === 401 ? "Sign in again" : `The hub answered with ${response.status}`;
}
