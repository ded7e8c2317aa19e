import type { JsonObject } from "../../../lib/mcp/message.ts";
import { callForModel, callTool } from "../../../tests/e2e/client.ts";
import { at } from "../../../tests/mcp/wire.ts";

/** A tool, and what it is called with. */
export interface ChaosCall {
  readonly tool: string;
  readonly args: JsonObject;
  /** Keeps no connections: where one that was kept breaks, `fetch()` sends a call again. */
  readonly client: Deno.HttpClient;
}

/** What came of asking a hub. */
export type Asked =
  | { readonly kind: "answer"; readonly outcome: string; readonly text: string }
  /** Nobody listened: it was certainly not sent. */
  | { readonly kind: "refused" }
  /** The connection broke. */
  | { readonly kind: "broken" };

/** Far longer than any call takes. */
const PATIENCE_MS = 150_000;

/** Asks as a program does, which learns the outcome. Throws where there is no answer at all. */
export async function askForOutcome(url: string, call: ChaosCall): Promise<Asked> {
  return await tryToAsk(async (signal) => {
    const { text, structured } = await callTool(url, { ...call, signal });
    return { kind: "answer", outcome: String(at(structured, "outcome")), text };
  });
}

/** Asks as a model does, which reads the outcome. Throws where there is no answer at all. */
export async function askForText(url: string, { tool, args, client }: ChaosCall): Promise<Asked> {
  return await tryToAsk(async (signal) => {
    const { text } = await callForModel(url, tool, args, { signal, client });
    return { kind: "answer", outcome: readOutcome(text), text };
  });
}

async function tryToAsk(ask: (signal: AbortSignal) => Promise<Asked>): Promise<Asked> {
  try {
    return await ask(AbortSignal.timeout(PATIENCE_MS));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const isRefused = /\(Connect\)/.test(`${error.message} ${error.cause}`);
    return { kind: isRefused ? "refused" : "broken" };
  }
}

/** What the answer of a shell command says, in words. */
function readOutcome(text: string): string {
  if (text.endsWith("\nIt did not run.")) return "not_delivered";
  if (/outcome unknown|unknown: check the host|check the host before you repeat it/.test(text)) {
    return "unknown";
  }
  return /^(\[via ssh fallback\]\n)?\[rc=\d+\]/.test(text) ? "ok" : "unclear";
}
