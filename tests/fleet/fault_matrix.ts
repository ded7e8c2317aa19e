import type { Row } from "./fault_table.ts";

const recorded = new Map<string, ReadonlyMap<string, Row>>();

/** Keeps what was seen of a fault, for `printMatrix()`. */
export function recordRows(fault: string, rows: ReadonlyMap<string, Row>): void {
  recorded.set(fault, rows);
}

/** Prints all that was recorded as a Markdown table, if `LMCP_PRINT_MATRIX` is set. */
export function printMatrix(): void {
  if (Deno.env.get("LMCP_PRINT_MATRIX") === undefined) return;
  const tools = [...recorded.values()].flatMap((rows) => [...rows.keys()]);
  const columns = [...new Set(tools)];
  const lines = [...recorded].map(([fault, rows]) => [
    fault,
    ...columns.map((tool) => cell(rows.get(tool))),
  ]);
  const head = ["fault", ...columns];
  const table = [head, head.map(() => "---"), ...lines];
  console.log(table.map((cells) => `| ${cells.join(" | ")} |`).join("\n"));
}

/** `outcome via lmcp runs/ssh runs`. */
function cell(row: Row | undefined): string {
  if (row === undefined) return "";
  return `${row.outcome} ${row.via ?? "-"} ${row.lmcpRuns}/${row.sshRuns}`;
}
