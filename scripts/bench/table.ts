import type { Measure } from "./statistics.ts";

/** The content of a cell: a word, or samples in the column's unit. */
export type Cell = string | number | Measure;

/** A target of the design, and what was measured. */
export interface Target {
  readonly name: string;
  readonly measured: Measure;
  readonly sense: "at most" | "at least";
  readonly limit: number;
}

/** The results on one topic. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  readonly targets: readonly Target[];
  /** What is missing, and why. */
  readonly notes: readonly string[];
}

/** A table as aligned plain text. */
export function formatTable({ title, columns, rows, targets, notes }: Table): string {
  const lines = [columns, ...rows.map((row) => row.map(formatCell))];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  const aligned = lines.map((line) =>
    line.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ").trimEnd()
  );
  return [
    title,
    "-".repeat(title.length),
    ...aligned,
    ...targets.map(formatTarget),
    ...notes.map((note) => `note: ${note}`),
    "",
  ].join("\n");
}

/** Whether the median is within the limit. */
export function isReached({ measured, sense, limit }: Target): boolean {
  return sense === "at most" ? measured.median <= limit : measured.median >= limit;
}

function formatTarget(target: Target): string {
  const verdict = isReached(target) ? "reached" : "missed";
  const goal = `${target.sense} ${formatNumber(target.limit)}`;
  return `target: ${target.name}: ${formatCell(target.measured)}, ${goal}: ${verdict}`;
}

function formatCell(cell: Cell): string {
  if (typeof cell === "string") return cell;
  if (typeof cell === "number") return formatNumber(cell);
  const { median, min, max } = cell;
  if (min === max) return formatNumber(median);
  return `${formatNumber(median)} (${formatNumber(min)}–${formatNumber(max)})`;
}

/** Three digits, more only for larger numbers, since measurements are noisy; NaN is a dash. */
function formatNumber(value: number): string {
  if (Number.isNaN(value)) return "–";
  const size = Math.abs(value);
  if (Number.isInteger(value)) return String(value);
  return value.toFixed(size < 10 ? 2 : size < 100 ? 1 : 0);
}
