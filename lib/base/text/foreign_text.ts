import { CONTROL } from "./controls.ts";

/** Longest text of somebody else that is shown, in characters. */
const MAX = 200;
/** How much of a text is looked at for each character that is shown. */
const MARGIN = 20;

const BREAKS = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;
const CONTROLS = new RegExp(CONTROL, "gu");

/**
 * A text of somebody else (what a backend or ssh says), made safe to be shown beside our own: one
 * line, without control and bidirectional characters, cut at `max` characters.
 */
export function foreignText(text: string, max = MAX): string {
  const start = text.slice(0, max * MARGIN);
  const line = start.replace(
    BREAKS,
    (run, offset: number) => isOuter(run, offset, start) ? "" : " ",
  )
    .replace(CONTROLS, "").toWellFormed();
  const chars = [...line];
  const isCut = chars.length > max || start.length < text.length;
  return isCut ? `${chars.slice(0, max - 1).join("")}…` : line;
}

function isOuter(run: string, offset: number, text: string): boolean {
  return offset === 0 || offset + run.length === text.length;
}
