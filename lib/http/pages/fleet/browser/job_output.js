// @ts-check
/// <reference lib="dom" />
import { countText } from "../views/words/numbers.js";
import { appendText, emptyText } from "./bounded_text.js";

/** @import { JobOutput } from "../model.ts" */

/** Characters of a job's output that are kept. */
const LIMIT = 1_000_000;
/** Between two questions, at least: a host may answer at once. */
const PAUSE_MS = 300;
/** So near to the end, in pixels, a reader follows it. */
const NEAR_END = 24;

/** @typedef {(wanted: { host: string, id: string, offset: number }, signal: AbortSignal) => Promise<JobOutput>} ReadOutput */

/**
 * Writes a job's output into an element while it grows.
 * @param {ReadOutput} read
 * @param {unknown} element
 * @param {{ host: string, id: string }} job
 * @param {(words: string) => void} say how the job is
 * @returns {() => void} ends it
 */
export function followOutput(read, element, job, say) {
  if (!(element instanceof HTMLElement)) return () => {};
  const ending = new AbortController();
  follow(read, createScreen(element), job, { say, signal: ending.signal });
  return () => ending.abort();
}

/**
 * @param {ReadOutput} read
 * @param {ReturnType<typeof createScreen>} screen
 * @param {{ host: string, id: string }} job
 * @param {{ say: (words: string) => void, signal: AbortSignal }} options
 */
async function follow(read, screen, job, { say, signal }) {
  let offset = 0;
  while (!signal.aborted) {
    const part = await read({ ...job, offset }, signal);
    if (signal.aborted) return;
    const { text, nextOffset, problem } = part;
    screen.append(text);
    say(problem ?? screen.words(stateWords(part)));
    if (problem !== null || nextOffset === null || (text === "" && hasEnded(part))) return;
    offset = nextOffset;
    await pause(PAUSE_MS, signal);
  }
}

/** @param {JobOutput} part */
function hasEnded({ state, exitCode }) {
  return exitCode !== null || state !== "running";
}

/** @param {JobOutput} part */
function stateWords({ state, exitCode }) {
  return exitCode === null ? state : `${state}, exit ${exitCode}`;
}

/**
 * @param {number} ms
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function pause(ms, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}

/**
 * Shows the end of a text, unless the reader has scrolled up.
 * @param {HTMLElement} element
 */
function createScreen(element) {
  let text = emptyText();
  return {
    /** @param {string} piece */
    append(piece) {
      const plain = withoutEscapes(piece);
      if (plain === "") return;
      const isAtEnd = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END;
      text = appendText(text, plain, LIMIT);
      element.append(text.pieces.at(-1) ?? "");
      while (element.childNodes.length > text.pieces.length) element.firstChild?.remove();
      if (isAtEnd) element.scrollTop = element.scrollHeight;
    },
    /** @param {string} state */
    words(state) {
      if (text.dropped > 0) {
        return `${state}; the first ${countText(text.dropped)} characters are no longer shown`;
      }
      return text.length === 0 ? `${state}, no output yet` : state;
    },
  };
}

/**
 * Colours and the like are for terminals.
 * @param {string} text
 */
function withoutEscapes(text) {
  // deno-lint-ignore no-control-regex
  return text.replace(/\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])/g, "");
}
