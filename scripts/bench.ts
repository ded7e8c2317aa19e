/**
 * `deno task bench`: measures the hub side by side with what it can be compared to, and prints a
 * table per topic. Everything runs on 127.0.0.1, has a time limit, and ends with the program.
 */
import { fileURLToPath } from "node:url";
import { messageOf } from "../lib/base/text/error_text.ts";
import type { Bench, Section } from "./bench/bench.ts";
import { type BenchOptions, parseOptions } from "./bench/options.ts";
import { SECTIONS } from "./bench/sections/all.ts";
import { formatTable, type Table } from "./bench/table.ts";

/** The time limit of a run. */
const MAX_MS = 30 * 60_000;
/** The exit status that shells report for a program stopped by Ctrl-C. */
const EXIT_STOPPED = 130;

const stop = new AbortController();
Deno.addSignalListener("SIGINT", () => stop.abort(new Error("stopped by a signal")));
Deno.addSignalListener("SIGTERM", () => stop.abort(new Error("stopped by a signal")));

/** Runs the sections; returns the exit status: 0; 1 if one of them failed; 130 if stopped. */
async function run(options: BenchOptions): Promise<number> {
  const directory = await Deno.makeTempDir({ prefix: "lmcp-bench-" });
  const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(MAX_MS)]);
  const root = fileURLToPath(new URL("..", import.meta.url));
  const bench: Bench = { options, root, directory, signal };
  const tables: Table[] = [];
  let failures = 0;
  try {
    for (const section of SECTIONS.filter(({ name }) => options.sections.includes(name))) {
      if (signal.aborted) break;
      const found = await runSection(section, bench);
      if (found === null) failures++;
      else tables.push(...found);
      if (!options.isJson) { for (const table of found ?? []) console.log(formatTable(table)); }
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
  if (options.isJson) console.log(JSON.stringify(tables, null, 2));
  if (stop.signal.aborted) return EXIT_STOPPED;
  return failures > 0 ? 1 : 0;
}

async function runSection(section: Section, bench: Bench): Promise<readonly Table[] | null> {
  try {
    console.error(`bench: ${section.name} …`);
    return await section.run(bench);
  } catch (error) {
    console.error(`bench: section "${section.name}" failed: ${messageOf(error)}`);
    return null;
  }
}

function parse(): BenchOptions | null {
  try {
    return parseOptions(Deno.args, SECTIONS.map(({ name }) => name));
  } catch (error) {
    console.error(`bench: ${messageOf(error)}`);
    return null;
  }
}

const options = parse();
Deno.exit(options === null ? 2 : await run(options));
