/** Tokens that must not be seen anywhere: inbound, of a host, of a variable, of a client. */
export const CANARY = {
  inbound: "canary-inbound-7f3a",
  inline: 'canary-"inline\\-91bc',
  variable: "canary-variable-c2d8",
  client: "canary-client-5e0d61",
} as const;

/** The traces of canaries in a text: whole or in part, as they are or as base64. */
export function findCanaries(text: string): string[] {
  return text.match(/.{0,40}(canary|Y2FuYXJ5).{0,20}/g) ?? [];
}
