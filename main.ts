import { type Command, parseCommand, UsageError } from "./lib/cli/command.ts";
import { helpText } from "./lib/cli/help.ts";
import { programName } from "./lib/cli/role.ts";
import { systemSources } from "./lib/config/sources.ts";
import { findControlFault } from "./lib/fleet/ssh/control.ts";
import { canWriteKnownHosts } from "./lib/fleet/ssh/known_hosts.ts";
import { findKeyPairFault } from "./lib/http/key_pair.ts";
import { runAgent } from "./lib/modes/agent.ts";
import { runAuditCheck } from "./lib/modes/audit.ts";
import { runCheck } from "./lib/modes/check.ts";
import { runImport } from "./lib/modes/import.ts";
import { runProbe } from "./lib/modes/probe.ts";
import { complain, EXIT } from "./lib/hub/program.ts";
import { runServe } from "./lib/modes/serve.ts";
import { runStdio } from "./lib/modes/stdio.ts";
import { formatError } from "./lib/base/text/error_text.ts";
import { spawnProcess } from "./lib/base/process.ts";
import { createStreamLines } from "./lib/base/stream_lines.ts";
import { VERSION } from "./lib/base/version.ts";
import { within } from "./lib/base/time/within.ts";

/** Characters on standard error that may wait to be read. */
const MAX_UNREAD_CHARS = 1024 * 1024;
/** How long the last lines may take to leave. */
const LAST_LINES_MS = 1_000;
/** The longest that a timer can wait. */
const FOREVER_MS = 2 ** 31 - 1;

const stop = new AbortController();
const name = programName(Deno.args);
let outputFailure: unknown = null;
const stdout = createStreamLines(Deno.stdout, {
  maxPending: Infinity,
  onFailure: (error) => outputFailure = error,
  describeLoss: (lost) => `${lost} lines are missing here`,
});
const stderr = createStreamLines(Deno.stderr, {
  maxPending: MAX_UNREAD_CHARS,
  onFailure: () => {},
  describeLoss: (lost) => `${name}: ${lost} lines are missing here, since nobody read them`,
});
const program = {
  ...systemSources,
  name,
  stdout: (line: string) => {
    stdout.write(line);
  },
  screen: { isTerminal: Deno.stdout.isTerminal(), noColor: Deno.noColor },
  stderr: (line: string) => {
    stderr.write(line);
  },
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
        findControlFault,
        findKeyPairFault,
      });
    case "import":
      return await runImport(command, program);
    case "audit":
      return await runAuditCheck(command, program);
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

/** Waits until all output is read, though not when the program is asked to stop; the exit status. */
async function writeLastLines(code: number): Promise<number> {
  await within(stdout.flushed(), FOREVER_MS, stop.signal);
  await within(stdout.flushed(), LAST_LINES_MS);
  const status = outputFailure === null ? code : reportFailure(outputFailure);
  await within(stderr.flushed(), LAST_LINES_MS);
  return status;
}

const command = parse(Deno.args);
if (command !== null && endsInOrder(command)) {
  Deno.addSignalListener("SIGINT", onSignal);
  Deno.addSignalListener("SIGTERM", onSignal);
}
const code = command === null ? EXIT.unusable : await run(command).catch(reportFailure);
Deno.exit(await writeLastLines(code));
