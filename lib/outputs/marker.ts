import type { Cut } from "./cut.ts";

/** A cut text, with the line between its parts that says how to get the rest. */
export function joinCut(cut: Cut, id: string | null): string {
  const { offset, leftOut } = cut;
  const marker = id === null
    ? `[${leftOut} left out, which is more than the hub keeps: ask for less]`
    : `[${leftOut} left out: remote_output id="${id}" offset=${offset}]`;
  return joinAround(marker, cut);
}

/** A cut text without an id, for what is also part of another text that is kept. */
export function joinCutField(cut: Cut): string {
  return joinAround(`[${cut.leftOut} left out]`, cut);
}

function joinAround(marker: string, { head, tail }: Cut): string {
  const lineEnd = head === "" || head.endsWith("\n") ? "" : "\n";
  return `${head}${lineEnd}${marker}\n${tail}`;
}

/** The last line of an answer that its tool has put into fewer characters. */
export function wholeAnswer(id: string | null): string {
  return id === null
    ? "[outputs are cut, and the whole is more than the hub keeps: ask for less]"
    : `[outputs are cut, the whole: remote_output id="${id}"]`;
}

/** What a caller is answered whose call goes on. */
export function stillRunning(id: string, waitSeconds: number): string {
  return `still running: remote_output id="${id}" wait=${waitSeconds}`;
}
