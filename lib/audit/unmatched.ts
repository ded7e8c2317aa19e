import { z } from "zod";
import { foreignText } from "../base/text/foreign_text.ts";
import type { Problem } from "../base/problem.ts";

/** The fields of an audit line that are checked. */
const lineSchema = z.object({
  time: z.string(),
  event: z.string(),
  request_id: z.string(),
  principal: z.string(),
  tool: z.string(),
  host: z.string().nullable(),
  arguments: z.record(z.string(), z.unknown()),
});

type AuditLine = z.output<typeof lineSchema>;

/** Calls that are kept until their end is found, and damaged lines. */
const MAX_OPEN = 20_000;
const MAX_BROKEN = 1_000;

/** The calls sent to hosts, according to lines of the audit trail. */
export interface MatchedCalls {
  /** Calls that were about to be sent. */
  readonly begun: number;
  /** Those of them that no line says have ended. */
  readonly open: number;
  /** One for each of these, and for each line that cannot be read; of very many, for some. */
  readonly problems: readonly Problem[];
}

/** Finds the calls that began and did not end. */
export class CallMatcher {
  readonly #open = new Map<string, Problem>();
  readonly #broken: Problem[] = [];
  #begun = 0;
  /** Calls that are not kept: they count as open. */
  #dropped = 0;

  /** Takes the next line. */
  add(text: string, place: Pick<Problem, "source" | "line">): void {
    const content = parseLine(text);
    if (content === "foreign") return;
    if (content === "broken") {
      const message = "is cut off or damaged, so it is not known which call it was about";
      if (this.#broken.length === MAX_BROKEN) return;
      this.#broken.push({ severity: "warning", ...place, field: null, message });
    } else if (content.event === "begun") {
      this.#begun++;
      if (this.#open.size < MAX_OPEN) {
        this.#open.set(content.request_id, describeCall(content, place));
      } else this.#dropped++;
    } else if (content.event === "ended") {
      this.#open.delete(content.request_id);
    }
  }

  /** What is known after the last line. */
  end(): MatchedCalls {
    const open = this.#open.size + this.#dropped;
    return { begun: this.#begun, open, problems: [...this.#broken, ...this.#open.values()] };
  }
}

/** `foreign`: a line of the log, where both go to the same place. */
function parseLine(text: string): AuditLine | "foreign" | "broken" {
  if (!text.startsWith('{"time":')) return text.includes('"request_id":') ? "broken" : "foreign";
  try {
    const value: unknown = JSON.parse(text);
    return lineSchema.safeParse(value).data ?? "foreign";
  } catch {
    return "broken";
  }
}

function describeCall(
  { time, request_id, principal, tool, host, arguments: args }: AuditLine,
  place: Pick<Problem, "source" | "line">,
): Problem {
  const target = host === null ? "" : ` on ${foreignText(host)}`;
  const message = `${foreignText(tool)}${target} for ${foreignText(principal)}, ` +
    `begun at ${foreignText(time)}, did not end: ${foreignText(JSON.stringify(args))}`;
  return { severity: "warning", ...place, field: foreignText(request_id), message };
}
