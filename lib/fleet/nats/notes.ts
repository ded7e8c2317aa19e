import { readMessage } from "../../mcp/message.ts";
import type { Bytes } from "../../nats/frames.ts";
import type { OnNotification } from "../backend/wire.ts";

/** An agent sends no more with one reply: whatever has more is not read. */
const MAX_BYTES = 64 * 1024;
const MAX_NOTES = 64;

const decoder = new TextDecoder();

/** Reads the notifications that came with a reply, one a line; what is none is left out. */
export function readNotes(body: Bytes, onNotification: OnNotification): void {
  if (body.length === 0 || body.length > MAX_BYTES) return;
  for (const line of decoder.decode(body).split("\n", MAX_NOTES)) {
    const message = readMessage(line);
    if (message.kind === "notification") onNotification(message.method, message.params);
  }
}
