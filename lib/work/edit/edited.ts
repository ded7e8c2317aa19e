import { Failure } from "../failure.ts";
import { sha256 } from "../files/text.ts";
import type { Reply } from "../reply.ts";
import type { EditedText } from "./apply.ts";
import { unifiedDifference } from "./difference.ts";

/** A file that was edited. */
export interface EditedFile extends EditedText {
  /** As its caller wrote it. */
  readonly path: string;
  readonly before: string;
}

/** A content by its size and its SHA-256, in hexadecimal digits. */
export interface Content {
  readonly bytes: number;
  readonly sha256: string;
}

/** By what a content is recognised. */
export function contentOf(bytes: Uint8Array): Content {
  return { bytes: bytes.length, sha256: sha256([bytes]) };
}

/** Throws a `Failure` if a content is not the one that a caller knows. */
export function refuseOther(content: Content, known: string | undefined): void {
  if (known === undefined || known.toLowerCase() === content.sha256) return;
  throw new Failure(changedTo(content));
}

/** Why a content is not replaced that is not the one that was to be there. */
export function changedTo({ bytes, sha256 }: Content): string {
  return `it changed meanwhile and has now ${bytes} bytes, sha256 ${sha256}`;
}

/** Makes the reply that a file was edited, once it is known how many hard links keep what was there. */
export function describeEdited(
  { path, before, text, replacements }: EditedFile,
  renewed: Content,
): (hardLinks: number) => Reply {
  const occurrences = `${replacements} occurrence${replacements === 1 ? "" : "s"}`;
  const difference = unifiedDifference(before, text);
  return (hardLinks) => ({
    text: [
      `Replaced ${occurrences} in ${path}`,
      difference,
      `sha256 ${renewed.sha256}`,
      ...(hardLinks > 0 ? [`[${hardLinks} hard link(s) to it keep the old content]`] : []),
    ].join("\n"),
    failure: null,
    structured: {
      replacements,
      ...renewed,
      ...(hardLinks > 0 && { hard_links: hardLinks }),
    },
  });
}
