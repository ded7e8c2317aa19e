/** How deep causes and inner errors are followed; a cycle ends there. */
const MAX_DEPTH = 5;

/** What an error says, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** An error in one line, with its causes: `TypeError: a: caused by Error: b`. */
export function formatError(error: unknown): string {
  return formatTo(MAX_DEPTH, error);
}

function formatTo(depth: number, error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const parts = [error.name, error.message];
  if (depth > 1 && error instanceof AggregateError) {
    parts.push(error.errors.map((inner) => formatTo(depth - 1, inner)).join("; "));
  }
  if (depth > 1 && error.cause !== undefined) {
    parts.push(`caused by ${formatTo(depth - 1, error.cause)}`);
  }
  return parts.filter((part) => part !== "").join(": ");
}
