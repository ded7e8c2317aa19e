import { Buffer } from "node:buffer";
import {
  endWithin,
  formatSize,
  measureText,
  startWithin,
  type TextSize,
} from "../../outputs/cut.ts";

/** A text, or its beginning and end. */
export interface KeptText {
  readonly head: string;
  /** Empty where nothing is left out. */
  readonly tail: string;
  /** What is left out between them; null: nothing. */
  readonly leftOut: TextSize | null;
}

/** A text that is all there. */
export function wholeText(text: string): KeptText {
  return { head: text, tail: "", leftOut: null };
}

/** The characters that are kept. */
export function lengthOf({ head, tail }: KeptText): number {
  return head.length + tail.length;
}

/** Leaves out more of a text, so that at most `maxChars` are kept: a quarter is the head. */
export function shortenText(kept: KeptText, maxChars: number): KeptText {
  if (lengthOf(kept) <= maxChars) return kept;
  const { head, leftOut } = kept;
  const tail = leftOut === null ? head : kept.tail;
  const headChars = Math.min(
    head.length,
    Math.max(Math.floor(maxChars / 4), leftOut === null ? 0 : maxChars - tail.length),
  );
  const headEnd = endWithin(head, 0, headChars);
  const tailStart = startWithin(tail, Math.max(0, tail.length - (maxChars - headChars)));
  const middle = leftOut === null
    ? measureText(head.slice(headEnd, tailStart))
    : [head.slice(headEnd), tail.slice(0, tailStart)].map(measureText).reduce(addSizes, leftOut);
  return { head: head.slice(0, headEnd), tail: tail.slice(tailStart), leftOut: middle };
}

function addSizes(a: TextSize, b: TextSize): TextSize {
  return { lines: a.lines + b.lines, bytes: a.bytes + b.bytes };
}

/** The same without the long text that its parts would keep in memory. */
export function copyText({ head, tail, leftOut }: KeptText): KeptText {
  return { head: copy(head), tail: copy(tail), leftOut };
}

function copy(text: string): string {
  return Buffer.from(text).toString();
}

/** Text and marker as one, after `change` was made to both parts. */
export function joinText(
  { head, tail, leftOut }: KeptText,
  change: (text: string) => string = (text) => text,
): string {
  if (leftOut === null) return change(head);
  const lineEnd = head === "" || head.endsWith("\n") ? "" : "\n";
  return `${change(head)}${lineEnd}[${formatSize(leftOut)} left out]\n${change(tail)}`;
}
