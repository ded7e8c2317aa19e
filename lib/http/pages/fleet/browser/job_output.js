// @ts-check
/// <reference lib="dom" />
import { countText } from "../views/words/numbers.js";
import { appendText, emptyText } from "./bounded_text.js";
import { pause } from "./pause.js";
import { untilVisible, whileVisible } from "./visibility.js";

/** @import { JobOutput } from "../model.ts" */

/** Characters of a job's output that are kept. */
const LIMIT = 1_000_000;
/** Between two questions, at least: a host may answer at once. */
const PAUSE_MS = 300;
/** After an answer without anything new. */
const IDLE_PAUSE_MS = 2_000;
/** After a problem, which may pass: twice as long each time. */
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;
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
  let retryMs = FIRST_RETRY_MS;
  while (!signal.aborted) {
    await untilVisible(signal);
    const part = await whileVisible(signal, (signal) => read({ ...job, offset }, signal));
    if (signal.aborted) return;
    // Nobody waited for it any more.
    if (document.hidden && part.problem !== null) continue;
    const { text, nextOffset, leftOut, problem } = part;
    screen.append(leftOut === 0 ? text : `${text}\n[${countText(leftOut)} bytes are left out]\n`);
    say(problem ?? screen.words(stateWords(part)));
    if (problem !== null) {
      await pause(retryMs, signal);
      retryMs = Math.min(2 * retryMs, LAST_RETRY_MS);
      continue;
    }
    if (nextOffset === null || (text === "" && hasEnded(part))) return;
    offset = nextOffset;
    retryMs = FIRST_RETRY_MS;
    await pause(text === "" ? IDLE_PAUSE_MS : PAUSE_MS, signal);
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
