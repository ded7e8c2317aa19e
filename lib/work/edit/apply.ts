import { Buffer } from "node:buffer";
import type { Pause } from "../../base/bursts.ts";
import { Failure } from "../failure.ts";
import { MAX_FILE_BYTES } from "../read_file.ts";
import { nearestLines, occurrenceLines } from "./nearest.ts";

/** One literal replacement. */
export interface Edit {
  readonly old_string: string;
  readonly new_string: string;
  /** Replace each occurrence; else there must be exactly one. */
  readonly replace_all?: boolean | undefined;
}

/** A text after its edits, and how many replacements were made. */
export interface EditedText {
  readonly text: string;
  readonly replacements: number;
}

/** As many replacements are made at once. */
const MAX_REPLACEMENTS = 1_000_000;
const TOO_LONG = "it would have more than 32 MiB; use shell with sed";

/**
 * Applies edits in order, each to what those before it left. Where all lines end in CRLF, so do those
 * of an edit that has no CR itself. Throws a `Failure` if one does not fit; then none counts.
 */
export async function applyEdits(
  before: string,
  edits: readonly Edit[],
  pause: Pause,
): Promise<EditedText> {
  const endsInCrlf = before.includes("\r\n") && !/(?:^|[^\r])\n/.test(before);
  let [text, replacements] = [before, 0];
  for (const [index, edit] of edits.entries()) {
    await pause();
    try {
      const edited = replace(text, endsInCrlf ? withCrlf(edit) : edit);
      text = edited.text;
      replacements += edited.replacements;
    } catch (error) {
      if (!(error instanceof Failure) || edits.length === 1) throw error;
      const reason = `edit ${index + 1} of ${edits.length}, so none was made: ${error.message}`;
      throw new Failure(reason, { cause: error });
    }
  }
  if (edits.length > 1 && text === before) throw new Failure("the edits change nothing together");
  return { text, replacements };
}

function withCrlf(edit: Edit): Edit {
  const { old_string, new_string } = edit;
  if (`${old_string}${new_string}`.includes("\r")) return edit;
  return {
    ...edit,
    old_string: old_string.replaceAll("\n", "\r\n"),
    new_string: new_string.replaceAll("\n", "\r\n"),
  };
}

function replace(text: string, { old_string, new_string, replace_all }: Edit): EditedText {
  if (old_string === "") throw new Failure("old_string is empty");
  if (old_string === new_string) throw new Failure("old_string and new_string are the same");
  const first = text.indexOf(old_string);
  if (first < 0) {
    throw new Failure(
      "old_string does not occur in it; read the file and copy the text exactly" +
        nearestLines(text, old_string),
    );
  }
  const occurrences = countFrom(text, old_string, first);
  if (occurrences > 1 && !replace_all) {
    throw new Failure(
      `old_string occurs ${
        shownCount(occurrences)
      } times in it; give more of the text around it, ` +
        `or set replace_all${occurrenceLines(text, old_string)}`,
    );
  }
  if (occurrences > MAX_REPLACEMENTS) {
    throw new Failure(
      `old_string occurs ${shownCount(occurrences)} times in it; use shell with sed`,
    );
  }
  const growth = Buffer.byteLength(new_string) - Buffer.byteLength(old_string);
  if (Buffer.byteLength(text) + occurrences * growth > MAX_FILE_BYTES) throw new Failure(TOO_LONG);
  const replaced = occurrences === 1
    ? text.slice(0, first) + new_string + text.slice(first + old_string.length)
    : text.replaceAll(old_string, () => new_string);
  return { text: replaced, replacements: occurrences };
}

/** Counts no further than one above `MAX_REPLACEMENTS`. */
function countFrom(text: string, wanted: string, first: number): number {
  let count = 0;
  for (let at = first; at >= 0 && count <= MAX_REPLACEMENTS;) {
    count++;
    at = text.indexOf(wanted, at + wanted.length);
  }
  return count;
}

function shownCount(count: number): string {
  return count > MAX_REPLACEMENTS ? "more than 1,000,000" : String(count);
}
