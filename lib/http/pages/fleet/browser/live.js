// @ts-check
/// <reference lib="dom" />
import { createRetries } from "./retries.js";

/** @import { LiveEvent } from "../model.ts" */
/** @import { Contact } from "../views/parts/contact.js" */
/** @import { HubClock } from "./clock.js" */

/** Nothing for so long, and the hub is gone: a beat comes each 5 s. */
const SILENCE_MS = 12_000;

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
  const retries = createRetries(Math.random);
  /** When the last event came, and since when one is missed. */
  let heardAt = clock.now();
  let missedFrom = clock.now();
  /** Not by the hub's clock, which is set meanwhile. */
  let openedAt = performance.now();
  let isOver = false;
  let tickedAt = Date.now();

  function open() {
    close();
    if (isOver || document.hidden) return;
    openedAt = performance.now();
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
    retries.reset();
    if (event.kind === "signed_out") return end();
    clock.set(event.kind === "all" ? event.overview.now : event.now);
    heardAt = missedFrom = clock.now();
    onContact({ kind: "live" });
    onEvent(event);
  }

  /** @param {boolean} isRefused the hub answered with an error */
  async function lose(isRefused) {
    close();
    retry = setTimeout(open, retries.next());
    if (isRefused && await isSignedOut()) end();
  }

  function end() {
    isOver = true;
    close();
    onContact({ kind: "signed_out", back: location.pathname + location.search });
  }

  /** While the machine sleeps, no timer runs, and the clock of the page may rest: only the date does not. */
  function tick() {
    const sleptMs = Date.now() - tickedAt;
    tickedAt = Date.now();
    if (sleptMs > SILENCE_MS) followVisibility();
    else watchSilence();
  }

  function watchSilence() {
    if (isOver || document.hidden || clock.now() - missedFrom < SILENCE_MS) return;
    onContact({ kind: "lost", since: heardAt });
    // A connection may be dead without an error; a new one has as long as an old one had.
    if (source !== null && performance.now() - openedAt >= SILENCE_MS) lose(false);
  }

  /** A browser allows few connections to a host, and nobody looks. */
  function followVisibility() {
    if (isOver) return;
    // Timers of pages that nobody sees are rare.
    tickedAt = Date.now();
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
  setInterval(tick, 1000);
  onContact({ kind: "opening" });
  open();
  return { end };
}
