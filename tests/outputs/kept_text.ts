import type { KeptAnswer } from "../../lib/outputs/kept.ts";

/** What is kept, as text. */
export function textOfKept(answer: KeptAnswer): string {
  using reading = answer.read();
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(reading.bytes);
}
