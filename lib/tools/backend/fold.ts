/** A tool of a host's own backend, as far as it was asked for. */
export interface OfferedTool {
  readonly name: string;
  /** One line; empty: there is none. */
  readonly description: string;
  /** Null: it was not asked for. */
  readonly schema: SchemaText | null;
  /** Whether the caller may call it there. */
  readonly isCallable: boolean;
}

/** The schema of a tool's arguments as JSON, unless it is too long, or there is none. */
export type SchemaText =
  | { readonly kind: "json"; readonly json: string }
  | { readonly kind: "too_long"; readonly chars: number }
  | { readonly kind: "none" };

/** A tool that some hosts offer alike. */
export interface FoldedTool extends Omit<OfferedTool, "isCallable"> {
  readonly hosts: readonly string[];
  /** The hosts where the caller may call it. */
  readonly callableOn: readonly string[];
}

/** Puts equal tools of different hosts together: by name, then what most hosts have first. */
export function foldTools(
  offers: Iterable<readonly [host: string, tools: readonly OfferedTool[]]>,
): FoldedTool[] {
  const folded = new Map<string, { tool: OfferedTool; hosts: string[]; callableOn: string[] }>();
  for (const [host, tools] of offers) {
    for (const tool of tools) {
      const key = JSON.stringify([tool.name, tool.description, tool.schema]);
      const entry = folded.get(key) ?? { tool, hosts: [], callableOn: [] };
      entry.hosts.push(host);
      if (tool.isCallable) entry.callableOn.push(host);
      folded.set(key, entry);
    }
  }
  return [...folded.values()]
    .map(({ tool: { name, description, schema }, hosts, callableOn }) => (
      { name, description, schema, hosts, callableOn }
    ))
    .sort((a, b) => compare(a.name, b.name) || b.hosts.length - a.hosts.length);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
