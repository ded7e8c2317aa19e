import type { Host } from "../../fleet/host.ts";
import type { Offer } from "../../fleet/inventory.ts";
import { luaQuote } from "../lua_quote.ts";
import { nearHint } from "../near_hint.ts";
import { type FoldedTool, foldTools } from "./fold.ts";
import type { Selection, Wanted } from "./select.ts";

/** Tools in an answer. */
const MAX_TOOLS = 1_000;

/** A host that did not say what tools it has. */
export interface SilentHost {
  readonly host: string;
  readonly error: string;
}

/** What hosts said of their tools. */
export interface Listing {
  readonly tools: readonly FoldedTool[];
  readonly noAnswer: readonly SilentHost[];
  /** What to say where there is no tool. */
  readonly none: string;
  /** Tools that cannot be used, of all hosts. */
  readonly unusable: number;
}

/** Puts together what hosts said. */
export function toListing(offers: ReadonlyMap<Host, Offer<Selection>>, wanted: Wanted): Listing {
  const known: [host: string, selection: Selection][] = [];
  const noAnswer: SilentHost[] = [];
  let unusable = 0;
  for (const [{ name: host }, offer] of offers) {
    if (offer.kind === "known") {
      known.push([host, offer.tools]);
      unusable += offer.unusable;
    } else noAnswer.push({ host, error: offer.reason });
  }
  const tools = foldTools(known.map(([host, selection]) => [host, selection.tools] as const));
  return {
    tools: tools.slice(0, MAX_TOOLS),
    noAnswer,
    none: describeNone(known.map(([, selection]) => selection), wanted),
    unusable,
  };
}

function describeNone(selections: readonly Selection[], { tool, query }: Wanted): string {
  if (selections.length === 0) return "no host said what tools it has";
  const asked = `hosts that answered: ${selections.length}`;
  if (tool !== null) {
    const near = [...new Set(selections.flatMap(({ near }) => near))];
    return `no tool ${luaQuote(tool)} (${asked})${nearHint(near)}`;
  }
  return query === ""
    ? `no tools beyond those that the other remote_* tools use (${asked})`
    : `no tool matches ${luaQuote(query)} (${asked})`;
}
