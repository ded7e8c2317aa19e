import { type Audit, createAudit } from "../../lib/audit/record.ts";

/** What is written for a call, by the lines of a real audit. */
export function writes(act: (audit: Audit) => void): string[] {
  const lines: string[] = [];
  act(createAudit({
    write: (line) => {
      lines.push(line);
      return Promise.resolve(null);
    },
    writeSoon: (line) => void lines.push(line),
    now: () => new Date(0),
  }));
  return lines;
}
