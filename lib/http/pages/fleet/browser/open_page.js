// @ts-check
/// <reference lib="dom" />
import { shownBy } from "../views/page.js";
import { interceptActions } from "./actions.js";
import { createClock } from "./clock.js";
import { createFilter, mayMatchOthers, typedQuery } from "./filter.js";
import { followHost } from "./host_detail.js";
import { followOutput } from "./job_output.js";
import { createLatencyPlots } from "./plots/latency_plot.js";
import { listenToHub } from "./live.js";
import { applyEvent } from "./merge.js";
import { createMinutes } from "./plots/minutes.js";
import { createRequests } from "./requests.js";
import { createScreen } from "./screen.js";
import { createSparklines } from "./plots/sparklines.js";

/** @import { CallOrder, LiveEvent, PageData } from "../model.ts" */
/** @import { Screen } from "./screen.js" */

/** How long the result of an action is shown. */
const NOTICE_MS = 8000;

/**
 * Takes over a page that the server has written: it ticks, and follows the hub.
 * @param {PageData} first what the page shows
 */
export function openPage(first) {
  const screen = createScreen(first);
  const clock = createClock(first.overview.now);
  const minutes = createMinutes({}, clock.now());
  const sparklines = createSparklines(minutes.of);
  const requests = createRequests({ onSignedOut: () => hub.end() });
  const detail = followHost({ requests, screen, after, isHidden: () => document.hidden });
  const filter = createFilter({
    shown: first.page === "hosts"
      ? shownBy(first)
      : { query: "", sort: "name", names: null, problem: null },
    match: requests.match,
    onChange: (shown) => screen.change({ shown }),
  });
  interceptActions({ post: requests.post, onDone: noticer(screen) });

  /** @param {LiveEvent} event */
  function onEvent(event) {
    if (event.kind === "signed_out") return;
    const before = screen.data().overview;
    const overview = applyEvent(before, event);
    screen.show({ ...screen.data(), overview });
    noteLatencies(event, { minutes, sparklines });
    // What a filter could not be asked for while there was no contact, it is asked for now.
    const isNew = event.kind === "all" || mayMatchOthers(before, overview);
    if (isNew) filter.again();
    detail.onOverview(before, overview);
  }

  const typed = typedQuery();
  screen.begin({
    followTime: clock.follow,
    drawSparkline: sparklines.add,
    drawLatencies: createLatencyPlots(),
    nextFrame,
    setQuery: filter.setQuery,
    setSort: filter.setSort,
    setOrder: (order) => setOrder(screen, order),
    readJobs: requests.jobs,
    followOutput: (element, job, say) => followOutput(requests.output, element, job, say),
    openDialog: (dialog) => dialog instanceof HTMLDialogElement && dialog.showModal(),
    closeDialog: (dialog) => dialog instanceof HTMLDialogElement && dialog.close(),
  });
  // Somebody who types is not made to wait until this script is there.
  if (first.page === "hosts" && typed !== null && typed !== shownBy(first).query) {
    filter.setQuery(typed);
  }
  clock.start();
  document.documentElement.classList.add("started");
  const hub = listenToHub({
    clock,
    onEvent,
    onContact: (contact) => screen.change({ contact }),
    isSignedOut: requests.isSignedOut,
  });
}

/**
 * @param {Exclude<LiveEvent, { kind: "signed_out" }>} event
 * @param {{
 *   minutes: ReturnType<typeof createMinutes>,
 *   sparklines: ReturnType<typeof createSparklines>,
 * }} plots
 */
function noteLatencies(event, { minutes, sparklines }) {
  if (event.kind === "all") {
    minutes.replace(event.sparklines, event.overview.now);
    sparklines.refresh();
  } else {
    minutes.add(event.kind === "change" ? event.hosts : [], event.now);
    sparklines.redraw();
  }
}

/**
 * @param {number} ms
 * @param {() => void} callback
 */
function after(ms, callback) {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
}

/** @param {() => void} draw */
function nextFrame(draw) {
  const frame = requestAnimationFrame(draw);
  return () => cancelAnimationFrame(frame);
}

/**
 * Shows the result of an action, for a while.
 * @param {Screen} screen
 */
function noticer(screen) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @param {{ text: string, isProblem: boolean }} notice */
  return function showNotice(notice) {
    clearTimeout(timer);
    screen.change({ notice });
    timer = setTimeout(() => screen.change({ notice: null }), NOTICE_MS);
  };
}

/**
 * Sorts the recent calls, and says so in the address.
 * @param {Screen} screen
 * @param {CallOrder} order
 */
function setOrder(screen, order) {
  const data = screen.data();
  if (data.page !== "calls") return;
  history.replaceState(history.state, "", order === "time" ? "/calls?order=time" : "/calls");
  screen.show({ ...data, order });
}
