import type { Cut } from "./cut.ts";

/** A cut text, with the line between its parts that says how to get the rest. */
export function joinCut({ head, tail, offset, leftOut }: Cut, id: string | null): string {
  const marker = id === null
    ? `[${leftOut} left out, which is more than the hub keeps: ask for less]`
    : `[${leftOut} left out: remote_output id="${id}" offset=${offset}]`;
  const lineEnd = head === "" || head.endsWith("\n") ? "" : "\n";
  return `${head}${lineEnd}${marker}\n${tail}`;
}

/** What a caller is answered whose call goes on. */
export function stillRunning(id: string, waitSeconds: number): string {
  return `still running: remote_output id="${id}" wait=${waitSeconds}`;
}
