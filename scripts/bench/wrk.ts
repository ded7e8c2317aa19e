import type { Bench } from "./bench.ts";
import type { LoadSample } from "./load.ts";
import { passedOn } from "./programs.ts";
import { callBody, callHeaders, type ToolCall } from "./tool_request.ts";

/** A load that wrk makes. */
export interface WrkLoad {
  /** Path of wrk. */
  readonly wrk: string;
  readonly port: number;
  /** Made in turns. */
  readonly calls: readonly ToolCall[];
  readonly connections: number;
  /** Rounded up: wrk knows whole seconds only. */
  readonly seconds: number;
}

/**
 * Puts a load on a server with wrk, which takes less of the machine than a client in Deno.
 * https://github.com/wg/wrk/blob/master/SCRIPTING
 */
export async function runWrk(load: WrkLoad, bench: Bench): Promise<LoadSample> {
  const script = `${bench.directory}/wrk.lua`;
  await Deno.writeTextFile(script, describeRequests(load.calls));
  const { success, stdout, stderr } = await new Deno.Command(load.wrk, {
    args: [
      "--threads=1",
      `--connections=${load.connections}`,
      `--duration=${Math.ceil(load.seconds)}s`,
      "--timeout=10s",
      `--script=${script}`,
      `http://127.0.0.1:${load.port}/mcp`,
    ],
    env: passedOn(),
    clearEnv: true,
    stdin: "null",
    signal: bench.signal,
  }).output();
  const said = new TextDecoder().decode(stdout);
  const figures = /^figures (.*)$/m.exec(said)?.[1]?.split(" ").map(Number) ?? [];
  const [p50 = NaN, p95 = NaN, p99 = NaN, calls = NaN, micros = NaN, refused = NaN] = figures;
  if (!success || refused !== 0) {
    throw new Error(`wrk failed: ${new TextDecoder().decode(stderr)}${said}`);
  }
  return {
    p50Ms: p50 / 1000,
    p95Ms: p95 / 1000,
    p99Ms: p99 / 1000,
    callsPerSecond: calls / micros * 1e6,
    calls,
  };
}

function describeRequests(calls: readonly ToolCall[]): string {
  const requests = calls.map((call) => `{ ${describeHeaders(call)}, ${quote(callBody(call))} }`);
  return `
local requests = {}
local sent = 0
init = function()
  for _, request in ipairs({ ${requests.join(", ")} }) do
    local headers, body = unpack(request)
    headers.Host = wrk.headers.Host
    table.insert(requests, wrk.format("POST", nil, headers, body))
  end
end
request = function()
  sent = sent + 1
  return requests[sent % #requests + 1]
end
done = function(summary, latency)
  print(string.format("figures %d %d %d %d %d %d", latency:percentile(50), latency:percentile(95),
    latency:percentile(99), summary.requests, summary.duration, summary.errors.status))
end
`;
}

function describeHeaders(call: ToolCall): string {
  const pairs = Object.entries(callHeaders(call));
  return `{ ${pairs.map(([name, value]) => `[ ${quote(name)} ] = ${quote(value)}`).join(", ")} }`;
}

/** A Lua string in which nothing is escaped. */
function quote(text: string): string {
  return `[==[${text}]==]`;
}
