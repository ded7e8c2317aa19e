import { type Command, parseCommand, UsageError } from "./lib/cli/command.ts";
import { helpText } from "./lib/cli/help.ts";
import { programName } from "./lib/cli/role.ts";
import { systemSources } from "./lib/config/sources.ts";
import { canWriteKnownHosts } from "./lib/fleet/ssh/known_hosts.ts";
import { findKeyPairFault } from "./lib/http/key_pair.ts";
import { runAgent } from "./lib/modes/agent.ts";
import { runCheck } from "./lib/modes/check.ts";
import { runProbe } from "./lib/modes/probe.ts";
import { complain, EXIT } from "./lib/hub/program.ts";
import { runServe } from "./lib/modes/serve.ts";
import { runStdio } from "./lib/modes/stdio.ts";
import { formatError } from "./lib/base/error_text.ts";
import { spawnProcess } from "./lib/base/process.ts";
import { VERSION } from "./lib/base/version.ts";

const stop = new AbortController();
const program = {
  ...systemSources,
  name: programName(Deno.args),
  stdout: (line: string) => writeLine(Deno.stdout, line),
  stderr: (line: string) => writeLine(Deno.stderr, line),
  streams: { input: Deno.stdin.readable, output: Deno.stdout.writable },
  stop: stop.signal,
  onReload: (listener: () => void) => {
    Deno.addSignalListener("SIGHUP", listener);
    return () => Deno.removeSignalListener("SIGHUP", listener);
  },
};

async function run(command: Command): Promise<number> {
  switch (command.mode) {
    case "serve":
      return await runServe(command.flags, program);
    case "stdio":
      return await runStdio(command.flags, program);
    case "probe":
      return await runProbe(command, program);
    case "check":
      return await runCheck(command, {
        ...program,
        canWriteKnownHosts: (client) => canWriteKnownHosts(spawnProcess, client),
        findKeyPairFault,
      });
    case "agent":
      return await runAgent(command.flags, program);
    case "help":
      program.stdout(helpText(command.role));
      return EXIT.ok;
    case "version":
      program.stdout(`${program.name} ${VERSION}`);
      return EXIT.ok;
  }
}

function parse(args: readonly string[]): Command | null {
  try {
    return parseCommand(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    complain(program, `${error.message} (see --help)`);
    return null;
  }
}

/** What no mode expects: a bug, or a standard stream that nobody reads. */
function reportFailure(error: unknown): number {
  complain(program, `failed: ${formatError(error)}`);
  if (error instanceof Error && error.stack !== undefined) program.stderr(error.stack);
  return EXIT.failed;
}

/** Whether a mode heeds `stop`; the others are ended by a signal as any program is. */
function endsInOrder({ mode }: Command): boolean {
  return mode === "serve" || mode === "stdio" || mode === "agent" || mode === "probe";
}

/** The first signal lets running calls end, the second one does not wait for them. */
function onSignal(): void {
  if (stop.signal.aborted) Deno.exit(EXIT.failed);
  stop.abort();
}

function writeLine(output: { writeSync: (bytes: Uint8Array) => number }, line: string): void {
  const bytes = new TextEncoder().encode(`${line}\n`);
  for (let at = 0; at < bytes.length;) at += output.writeSync(bytes.subarray(at));
}

const command = parse(Deno.args);
if (command !== null && endsInOrder(command)) {
  Deno.addSignalListener("SIGINT", onSignal);
  Deno.addSignalListener("SIGTERM", onSignal);
}
Deno.exit(command === null ? EXIT.unusable : await run(command).catch(reportFailure));
