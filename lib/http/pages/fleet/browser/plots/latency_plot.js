// @ts-check
/// <reference lib="dom" />
// @ts-types="uplot/dist/uPlot.d.ts"
import uPlot from "uplot/dist/uPlot.esm.js";
import { durationText } from "../../views/words/times.js";
import { colourOf, onSchemeChange } from "./colours.js";

/** @import { Latencies } from "../../views/script.js" */

const HEIGHT = 150;

/** Draws the latencies of a host, in the colours of the style sheet. */
export function createLatencyPlots() {
  /** @type {Set<() => void>} */
  const shown = new Set();
  onSchemeChange(() => {
    for (const draw of shown) draw();
  });

  /**
   * @param {unknown} element
   * @param {Latencies} latencies
   * @returns {() => void} ends it
   */
  return function drawLatencies(element, latencies) {
    if (!(element instanceof HTMLElement) || latencies.at.length === 0) return () => {};
    const target = element;
    /** @type {uPlot | null} */
    let plot = null;
    function draw() {
      plot?.destroy();
      plot = new uPlot(optionsOf(target, latencies), dataOf(latencies), target);
    }
    draw();
    shown.add(draw);
    const resizing = new ResizeObserver(() => {
      plot?.setSize({ width: target.clientWidth, height: HEIGHT });
    });
    resizing.observe(target);
    return () => {
      shown.delete(draw);
      resizing.disconnect();
      plot?.destroy();
    };
  };
}

/**
 * @param {Latencies} latencies
 * @returns {uPlot.AlignedData}
 */
function dataOf({ at, ms }) {
  return [at.map((time) => time / 1000), [...ms]];
}

/**
 * @param {HTMLElement} element
 * @param {Latencies} latencies
 * @returns {uPlot.Options}
 */
function optionsOf(element, { from, to }) {
  const ink = colourOf(element, "ink");
  const grid = { stroke: colourOf(element, "grid"), width: 1 };
  const axis = { stroke: ink, grid, ticks: { show: false }, font: "11px system-ui, sans-serif" };
  const line = colourOf(element, "line");
  return {
    width: element.clientWidth,
    height: HEIGHT,
    padding: [8, 8, 0, 0],
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
    legend: { show: false },
    cursor: { y: false, points: { size: 7 } },
    axes: [
      { ...axis, size: 26, values: "{HH}:{mm}" },
      {
        ...axis,
        size: 56,
        values: (_, values) => values.map((ms) => ms === 0 ? "0" : durationText(ms)),
      },
    ],
    scales: {
      x: { range: [from / 1000, to / 1000] },
      y: { range: (_, __, max) => [0, Math.max(max, 1) * 1.1] },
    },
    series: [{}, {
      stroke: line,
      fill: colourOf(element, "area"),
      width: 1.5,
      points: { size: 4, width: 0, fill: line },
    }],
  };
}
