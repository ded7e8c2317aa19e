import type { Host } from "../../../lib/fleet/host.ts";
import type { CallRecord } from "../../../lib/calls/record.ts";
import type { JsonObject } from "../../../lib/mcp/message.ts";
import type { CallToolResult } from "../../../lib/mcp/tool.ts";
import type { BeforeSend } from "../../../lib/tools/definition.ts";
import { callRecord } from "../../calls/record.ts";
import { startAgentServer } from "../../lab/agent_server.ts";
import { labHost } from "../../lab/host.ts";
import { openHub } from "../../lab/hub.ts";
import { removeDirectory } from "../../remove_directory.ts";

/** What came of a run. */
export interface RunAnswer {
  readonly text: string;
  /** The text without the time that it took. */
  readonly lines: readonly string[];
  readonly isError: boolean;
  readonly structured: JsonObject;
  readonly record: CallRecord;
}

/** Hosts `web1`, `web2` … with real agents, each with a home of its own. */
export interface RunLab extends AsyncDisposable {
  readonly hosts: readonly Host[];
  /** The home of an agent's user. */
  readonly homeOf: (name: string) => string;
  /** A file that all hosts can write to. */
  readonly journal: string;
  readonly run: (
    args: JsonObject,
    options?: { readonly signal?: AbortSignal; readonly onProgress?: (line: string) => void },
  ) => Promise<RunAnswer>;
  /** The lines of the journal. */
  readonly entries: () => Promise<readonly string[]>;
}

/** Opens a `RunLab` with so many agents, and further hosts. */
export async function openRunLab(
  count: number,
  { others = [], beforeSend }: {
    readonly others?: readonly Host[];
    readonly beforeSend?: BeforeSend;
  } = {},
): Promise<RunLab> {
  const directory = await Deno.realPath(await Deno.makeTempDir());
  const homeOf = (name: string) => `${directory}/${name}`;
  const cleanup = new AsyncDisposableStack();
  cleanup.defer(() => removeDirectory(directory));
  const hosts: Host[] = [];
  for (const name of Array.from({ length: count }, (_, at) => `web${at + 1}`)) {
    await Deno.mkdir(homeOf(name));
    const agent = cleanup.use(startAgentServer(homeOf(name), { claims: true }));
    hosts.push(labHost({ name, lmcpUrl: agent.url, sshHost: null }));
  }
  const hub = cleanup.use(
    openHub({ hosts: [...hosts, ...others], ...(beforeSend && { beforeSend }) }),
  );
  const journal = `${directory}/journal`;
  return {
    hosts,
    homeOf,
    journal,
    run: async (args, options = {}) => {
      const record = callRecord({ tool: "remote_run", args, deliveries: [] });
      return toAnswer(await hub.call("remote_run", args, { ...options, record }), record);
    },
    entries: async () =>
      (await Deno.readTextFile(journal).catch(() => "")).split("\n").filter(Boolean),
    [Symbol.asyncDispose]: () => cleanup.disposeAsync(),
  };
}

/** A result as tests look at it. */
export function toAnswer(result: CallToolResult, record: CallRecord): RunAnswer {
  const [first] = result.content;
  const text = first?.type === "text" ? first.text : "";
  return {
    text,
    lines: text.replace(/ \(\d+\.\d s\)$/m, "").split("\n"),
    isError: result.isError === true,
    structured: result.structuredContent ?? {},
    record,
  };
}
