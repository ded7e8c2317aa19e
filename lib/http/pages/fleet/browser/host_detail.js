// @ts-check
import { share } from "./merge.js";

/** @import { HostDetail, Overview } from "../model.ts" */
/** @import { Screen } from "./screen.js" */

/** How long what a host's page shows beside its row may be out of date. */
const REFRESH_MS = 15_000;
/** After a change of its row. */
const SOON_MS = 500;

/**
 * Keeps what one host's page shows up to date; does nothing on other pages.
 * @param {{
 *   requests: { host: (name: string) => Promise<HostDetail | null> },
 *   screen: Pick<Screen, "data" | "show">,
 *   after: (ms: number, callback: () => void) => () => void,
 *   isHidden: () => boolean,
 * }} options
 */
export function followHost({ requests, screen, after, isHidden }) {
  const first = screen.data();
  const name = first.page === "host" ? first.detail.row.name : null;
  let cancel = () => {};
  let isSoon = false;
  let isReading = false;

  async function refresh() {
    if (name === null) return;
    isSoon = false;
    isReading = true;
    const detail = isHidden() ? null : await requests.host(name);
    isReading = false;
    const data = screen.data();
    if (detail !== null && data.page === "host") {
      screen.show({ ...data, detail: share(data.detail, detail) });
    }
    // What has changed meanwhile may not be in the answer.
    plan(isSoon ? SOON_MS : REFRESH_MS);
  }

  /** @param {number} ms */
  function plan(ms) {
    cancel();
    cancel = after(ms, refresh);
  }

  if (name !== null) plan(REFRESH_MS);
  return {
    /**
     * @param {Overview} before
     * @param {Overview} after
     */
    onOverview(before, after) {
      if (name === null || rowOf(before, name) === rowOf(after, name) || isSoon) return;
      isSoon = true;
      if (!isReading) plan(SOON_MS);
    },
  };
}

/**
 * @param {Overview} overview
 * @param {string} name
 */
function rowOf({ hosts }, name) {
  return hosts.find((host) => host.name === name);
}
