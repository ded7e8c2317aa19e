// @ts-check
/// <reference lib="dom" />

/** @import { LiveEvent } from "../model.ts" */
/** @import { Contact } from "../views/parts/contact.js" */
/** @import { HubClock } from "./clock.js" */

/** Nothing for so long, and the hub is gone: a beat comes each 5 s. */
const SILENCE_MS = 12_000;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 15_000;

/**
 * Listens to the hub while the page is seen.
 * @param {{
 *   clock: HubClock,
 *   onEvent: (event: LiveEvent) => void,
 *   onContact: (contact: Contact) => void,
 *   isSignedOut: () => Promise<boolean>,
 * }} options
 */
export function listenToHub({ clock, onEvent, onContact, isSignedOut }) {
  /** @type {EventSource | null} */
  let source = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let retry;
  let retryMs = FIRST_RETRY_MS;
  /** When the last event came, and since when one is missed. */
  let heardAt = clock.now();
  let missedFrom = clock.now();
  let isOver = false;

  function open() {
    close();
    if (isOver || document.hidden) return;
    const opened = new EventSource("/api/events");
    source = opened;
    opened.onmessage = ({ data }) => hear(JSON.parse(data));
    opened.onerror = () => {
      if (source === opened) lose(opened.readyState === EventSource.CLOSED);
    };
  }

  function close() {
    clearTimeout(retry);
    source?.close();
    source = null;
  }

  /** @param {LiveEvent} event */
  function hear(event) {
    retryMs = FIRST_RETRY_MS;
    if (event.kind === "signed_out") return end();
    clock.set(event.kind === "all" ? event.overview.now : event.now);
    heardAt = missedFrom = clock.now();
    onContact({ kind: "live" });
    onEvent(event);
  }

  /** @param {boolean} isRefused the hub answered with an error */
  async function lose(isRefused) {
    close();
    // All pages of a hub that starts again would come at once.
    retry = setTimeout(open, retryMs * (0.5 + Math.random()));
    retryMs = Math.min(2 * retryMs, LAST_RETRY_MS);
    if (isRefused && await isSignedOut()) end();
  }

  function end() {
    isOver = true;
    close();
    onContact({ kind: "signed_out" });
  }

  function watchSilence() {
    if (isOver || document.hidden || clock.now() - missedFrom < SILENCE_MS) return;
    onContact({ kind: "lost", since: heardAt });
    // A connection may be dead without an error.
    if (source !== null) lose(false);
  }

  /** A browser allows few connections to a host, and nobody looks. */
  function followVisibility() {
    if (isOver) return;
    if (document.hidden) return close();
    missedFrom = clock.now();
    onContact({ kind: "opening" });
    open();
  }

  document.addEventListener("visibilitychange", followVisibility);
  addEventListener("pagehide", close);
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) followVisibility();
  });
  setInterval(watchSilence, 1000);
  onContact({ kind: "opening" });
  open();
  return { end };
}
