// @ts-check
import { html } from "../html.js";
import { useContext, useEffect, useRef } from "preact/hooks";
import { Script } from "../script.js";
import { medianOf } from "../words/numbers.js";
import { durationText } from "../words/times.js";

/** @import { HostDetail } from "../../model.ts" */

const HOUR = 60 * 60 * 1000;

/**
 * The latencies of the last hour: in words, and as a plot that the script draws.
 * @param {{ latencies: HostDetail["latencies"], now: number }} props
 */
export function Latency({ latencies: { at, ms }, now }) {
  const script = useContext(Script);
  const element = useRef(null);
  useEffect(
    () => script?.drawLatencies(element.current, { at, ms, from: now - HOUR, to: now }),
    [script, at, ms],
  );
  const words = latencyWords(ms);
  return html`
    <p class="summary">${words}</p>
    <div ref=${element} class="plot" role="img"
      aria-label="Latency of the last hour: ${words}"></div>
  `;
}

/** @param {readonly number[]} ms */
function latencyWords(ms) {
  const median = medianOf(ms);
  if (median === null) return "not measured in the last hour";
  return `median ${durationText(median)}, from ${durationText(Math.min(...ms))} to ${
    durationText(Math.max(...ms))
  }`;
}
