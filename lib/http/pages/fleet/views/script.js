// @ts-check
import { createContext } from "preact";

/** @import { CallOrder, HostSort, Jobs } from "../model.ts" */
/** @import { Way } from "./words/times.js" */

/**
 * What the page's script does for views; functions that follow an element return the one that ends it.
 * @typedef {object} PageScript
 * @property {(element: unknown, at: number, way: Way) => () => void} followTime
 * Writes into an element how long ago something was, again whenever that changes.
 * @property {(element: unknown, host: string) => () => void} drawSparkline
 * @property {(element: unknown, latencies: Latencies) => () => void} drawLatencies
 * @property {(draw: () => void) => () => void} nextFrame
 * @property {(query: string) => void} setQuery
 * @property {(sort: HostSort) => void} setSort
 * @property {(order: CallOrder) => void} setOrder
 * @property {(host: string, signal: AbortSignal) => Promise<Jobs>} readJobs
 * @property {(element: unknown, job: { host: string, id: string }, say: (words: string) => void) => () => void} followOutput
 * Writes a job's output into an element while it grows, and says how the job is.
 * @property {(dialog: unknown) => void} openDialog
 * @property {(dialog: unknown) => void} closeDialog
 */

/** @typedef {{ readonly at: readonly number[], readonly ms: readonly number[], readonly from: number, readonly to: number }} Latencies */

/** @returns {PageScript | null} */
function withoutScript() {
  return null;
}

/** The script, for those views that it makes live; null: the page has none. */
export const Script = createContext(withoutScript());

/**
 * Whether a click on a link opens it elsewhere, which is left to the browser.
 * @param {Event} event
 */
export function isForAnotherTab(event) {
  return ["ctrlKey", "metaKey", "shiftKey"].some((key) => Reflect.get(event, key) === true);
}
