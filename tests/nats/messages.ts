import assert from "node:assert/strict";
import type { NatsConnection } from "../../lib/nats/connection.ts";

/** What comes on a subject, as texts; each that wants an answer gets one. */
export function listen(connection: NatsConnection, subject: string, queue?: string): string[] {
  const came: string[] = [];
  connection.subscribe({
    subject,
    ...queue !== undefined && { queue },
    onMessage: ({ data, reply }) => {
      came.push(new TextDecoder().decode(data));
      if (reply !== null) connection.publish(reply, new TextEncoder().encode("an answer"));
    },
  });
  return came;
}

/** Publishes a text, which the server need not hand on. */
export function say(
  connection: NatsConnection,
  subject: string,
  text: string,
  reply?: string,
): void {
  assert.ok(connection.publish(subject, new TextEncoder().encode(text), reply));
}
