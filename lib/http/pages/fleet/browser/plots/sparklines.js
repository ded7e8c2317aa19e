// @ts-check
/// <reference lib="dom" />
// @ts-types="uplot/dist/uPlot.d.ts"
import uPlot from "uplot/dist/uPlot.esm.js";
import { colourOf, onSchemeChange } from "./colours.js";

const WIDTH = 104;
const HEIGHT = 22;
/** Drawn a little before they come into view. */
const MARGIN = "120px 0px";

/** @typedef {{ element: HTMLElement, host: string, plot: uPlot | null }} Line */

/**
 * Small plots in rows, which exist while they are in view.
 * @param {(host: string) => readonly (number | null)[] | null} latenciesOf
 */
export function createSparklines(latenciesOf) {
  /** @type {Map<Element, Line>} by row */
  const lines = new Map();
  const observer = new IntersectionObserver(follow, { rootMargin: MARGIN });

  /** @param {readonly IntersectionObserverEntry[]} entries */
  function follow(entries) {
    for (const { target, isIntersecting } of entries) {
      const line = lines.get(target);
      if (line === undefined) continue;
      if (isIntersecting) draw(line);
      else erase(line);
    }
  }

  /** @param {Line} line */
  function draw(line) {
    const latencies = latenciesOf(line.host);
    if (latencies === null) return erase(line);
    const data = dataOf(latencies);
    if (line.plot === null) line.plot = new uPlot(optionsOf(line.element), data, line.element);
    else line.plot.setData(data);
  }

  function redraw() {
    for (const line of lines.values()) if (line.plot !== null) draw(line);
  }

  onSchemeChange(() => {
    for (const line of lines.values()) {
      if (line.plot === null) continue;
      erase(line);
      draw(line);
    }
  });

  return {
    /**
     * @param {unknown} element
     * @param {string} host
     */
    add(element, host) {
      if (!(element instanceof HTMLElement)) return () => {};
      const row = element.closest("tr") ?? element;
      const line = { element, host, plot: null };
      lines.set(row, line);
      observer.observe(row);
      return () => {
        observer.unobserve(row);
        erase(line);
        if (lines.get(row) === line) lines.delete(row);
      };
    },
    /** Draws those in view that had nothing to draw before, too. */
    refresh() {
      redraw();
      for (const [row, { plot }] of lines) {
        if (plot !== null) continue;
        observer.unobserve(row);
        observer.observe(row);
      }
    },
    redraw,
  };
}

/** @param {Line} line */
function erase(line) {
  line.plot?.destroy();
  line.plot = null;
}

/**
 * @param {readonly (number | null)[]} latencies
 * @returns {uPlot.AlignedData}
 */
function dataOf(latencies) {
  return [latencies.map((_, minute) => minute), [...latencies]];
}

/**
 * @param {HTMLElement} element
 * @returns {uPlot.Options}
 */
function optionsOf(element) {
  return {
    width: WIDTH,
    height: HEIGHT,
    padding: [3, 2, 2, 2],
    legend: { show: false },
    cursor: { show: false },
    axes: [{ show: false }, { show: false }],
    scales: {
      x: { time: false, range: [0, 59] },
      y: { range: (_, __, max) => [0, Math.max(max, 1) * 1.05] },
    },
    series: [{}, {
      stroke: colourOf(element, "line"),
      width: 1.25,
      points: { size: 3, width: 0, fill: colourOf(element, "line"), filter: lonelyPoints },
    }],
  };
}

/**
 * Points without a neighbour, which no line shows.
 * @param {uPlot} plot
 * @param {number} series
 * @returns {number[] | null}
 */
function lonelyPoints(plot, series) {
  const values = plot.data[series] ?? [];
  return Array.from(values, (_, index) => index).filter((index) =>
    isNumber(values[index]) && !isNumber(values[index - 1]) && !isNumber(values[index + 1])
  );
}

/** @param {unknown} value */
function isNumber(value) {
  return typeof value === "number";
}
