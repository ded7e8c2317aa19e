/**
 * `deno task lua --hub FILE`: asks the Lua hub and this one the same, on the same registry, backends
 * and sshd, and reports where their texts differ. Everything runs on 127.0.0.1. Exit status: 0; 1 if
 * a difference is not a known one; 2 if it could not run.
 */
import { messageOf } from "../lib/base/text/error_text.ts";
import { situationsOfArguments } from "./compare_lua/arguments.ts";
import { makeHosts, registryText } from "./compare_lua/hosts.ts";
import { startHubs } from "./compare_lua/hubs.ts";
import { type Lab, openLab, writeRegistry } from "./compare_lua/lab.ts";
import { compareListings } from "./compare_lua/listings.ts";
import { type CompareOptions, parseOptions } from "./compare_lua/options.ts";
import { situationsOverLmcp } from "./compare_lua/over_lmcp.ts";
import { situationsOverSsh } from "./compare_lua/over_ssh.ts";
import { formatReport, judge } from "./compare_lua/report.ts";
import type { Comparison } from "./compare_lua/situation.ts";

const stop = new AbortController();
Deno.addSignalListener("SIGINT", () => stop.abort(new Error("stopped by a signal")));
Deno.addSignalListener("SIGTERM", () => stop.abort(new Error("stopped by a signal")));

async function compareCalls(lab: Lab): Promise<Comparison[]> {
  const hosts = makeHosts(lab);
  const registry = await writeRegistry("hosts.conf", registryText(hosts), lab);
  await using hubs = await startHubs(registry, lab);
  const situations = [
    ...situationsOverLmcp(hosts, lab.files),
    ...situationsOverSsh(hosts, lab.files),
    ...situationsOfArguments(hosts),
  ];
  const comparisons: Comparison[] = [];
  for (const { name, tool, args } of situations) {
    lab.signal.throwIfAborted();
    await lab.files.reset();
    const lua = await hubs.lua.call(tool, args);
    await lab.files.reset();
    const own = await hubs.own.call(tool, args);
    comparisons.push({ subject: tool, situation: name, lua, own });
  }
  return comparisons;
}

async function run(options: CompareOptions): Promise<number> {
  await using lab = await openLab(options.hub, stop.signal);
  const comparisons = [...await compareCalls(lab), ...await compareListings(lab)];
  const judged = judge(comparisons);
  console.log(options.isJson ? JSON.stringify(comparisons) : formatReport(judged, options));
  return judged.unexplained.length === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  try {
    return await run(parseOptions(Deno.args));
  } catch (error) {
    console.error(`lua: ${messageOf(error)}`);
    return 2;
  }
}

Deno.exit(await main());
