import { z } from "zod";
import { foreignText } from "../base/text/foreign_text.ts";
import { readFailure } from "../config/sources.ts";
import { type Problem, settingError } from "../base/problem.ts";

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

/** The calls sent to hosts, according to files of the audit trail. */
export interface AuditFindings {
  /** Calls that were about to be sent. */
  readonly begun: number;
  /** Those of them that no line says have ended. */
  readonly open: number;
  /** One for each of these, and for each line or file that cannot be read. */
  readonly problems: readonly Problem[];
}

/** Yields the lines of a file; rejects as `Deno.open()` and reading do. */
export type ReadLines = (path: string) => AsyncIterable<string>;

/** Matches the lines of calls in files of the audit trail, oldest first: a call may end in a later one. */
export async function checkAuditFiles(
  paths: readonly string[],
  readLines: ReadLines,
): Promise<AuditFindings> {
  const open = new Map<string, Problem>();
  const unreadable: Problem[] = [];
  let begun = 0;

  async function checkFile(source: string): Promise<void> {
    let line = 0;
    for await (const text of readLines(source)) {
      line++;
      const content = parseLine(text);
      if (content === "foreign") continue;
      if (content === "broken") {
        const message = "is cut off or damaged, so it is not known which call it was about";
        unreadable.push({ severity: "warning", source, line, field: null, message });
      } else if (content.event === "begun") {
        begun++;
        open.set(content.request_id, describeCall(content, { source, line }));
      } else if (content.event === "ended") {
        open.delete(content.request_id);
      }
    }
  }

  for (const path of paths) {
    try {
      await checkFile(path);
    } catch (error) {
      unreadable.push(settingError(path, `cannot be read: ${readFailure(error)}`));
    }
  }
  return { begun, open: open.size, problems: [...unreadable, ...open.values()] };
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
