import { z } from "zod";
import { isSubjectId } from "../../nats/subjects.ts";
import { readJsonBytes, toJsonBytes } from "../json.ts";

/** What one hub sends to others. */
export interface HubMessage {
  readonly from: string;
  /** Of any shape. */
  readonly body: unknown;
}

const schema = z.object({ from: z.string().refine(isSubjectId), body: z.unknown() });

/** A message as JSON. */
export function writeMessage(message: HubMessage): Uint8Array {
  return toJsonBytes(message);
}

/** Null: it is none. */
export function readMessage(bytes: Uint8Array): HubMessage | null {
  return readJsonBytes(bytes, schema);
}
