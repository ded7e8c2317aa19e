import { type Fields, readFields } from "./fields.ts";
import { isSubjectId } from "./subjects.ts";

/** What an agent says of itself. All of it is the agent's word. */
export interface Announcement {
  /** Of the process. */
  readonly agent: string;
  readonly version: string;
  /** Id of the machine's boot; null: not known. */
  readonly boot: string | null;
  readonly tags: readonly string[];
  /** How many tools it has. */
  readonly tools: number;
  /** False: it takes no more requests. */
  readonly isServing: boolean;
}

/** Between two announcements of an agent. */
export const ANNOUNCE_MS = 15_000;

/** A longer announcement is not read. */
const MAX_BYTES = 4_096;
/** Tags of one agent. */
export const MAX_TAGS = 16;

/** An announcement as a message. */
export function writeAnnouncement(announcement: Announcement): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(announcement));
}

/** The announcement that a message is; null: none. What is not as it should be is left out. */
export function readAnnouncement(message: Uint8Array): Announcement | null {
  const fields = message.length > MAX_BYTES ? null : readFields(message);
  return fields === null ? null : toAnnouncement(fields);
}

function toAnnouncement(
  { agent, version, boot, tags, tools, isServing }: Fields,
): Announcement | null {
  if (typeof agent !== "string" || !isSubjectId(agent)) return null;
  return {
    agent,
    version: typeof version === "string" && /^[\w.+-]{1,40}$/.test(version) ? version : "",
    boot: typeof boot === "string" && /^[0-9a-f-]{36}$/.test(boot) ? boot : null,
    tags: Array.isArray(tags) ? tags.filter(isAnnouncedTag).slice(0, MAX_TAGS) : [],
    tools: typeof tools === "number" && Number.isSafeInteger(tools) && tools >= 0 ? tools : 0,
    isServing: isServing !== false,
  };
}

/** Whether a text can be a tag that an agent announces. */
export function isTag(text: string): boolean {
  return /^[^\s\p{Cc}]{1,64}$/u.test(text);
}

function isAnnouncedTag(value: unknown): value is string {
  return typeof value === "string" && isTag(value);
}
