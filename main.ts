import { type Command, parseCommand } from "./lib/cli/command.ts";
import { UsageError } from "./lib/cli/scan.ts";
import { helpText } from "./lib/cli/help.ts";
import { programName } from "./lib/cli/role.ts";
import { systemSources } from "./lib/config/sources.ts";
import { findAppendFault } from "./lib/audit/append_fault.ts";
import { findControlFault } from "./lib/fleet/ssh/control.ts";
import { canWriteKnownHosts } from "./lib/fleet/ssh/known_hosts.ts";
import { findKeyPairFault } from "./lib/http/key_pair.ts";
import { complain, EXIT } from "./lib/hub/program.ts";
import { formatError } from "./lib/base/text/error_text.ts";
import { spawnProcess } from "./lib/base/process.ts";
import { createStreamLines } from "./lib/base/stream_lines.ts";
import { VERSION } from "./lib/base/version.ts";
import { systemClock } from "./lib/base/time/clock.ts";
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

/** The modes. A start loads its own alone: all of them would cost it 0.1 s of a processor. */
const modes = {
  serve: () => import("./lib/modes/serve.ts"),
  stdio: () => import("./lib/modes/stdio.ts"),
  probe: () => import("./lib/modes/probe.ts"),
  check: () => import("./lib/modes/check.ts"),
  import: () => import("./lib/modes/import.ts"),
  audit: () => import("./lib/modes/audit.ts"),
  approve: () => import("./lib/modes/approve.ts"),
  agent: () => import("./lib/modes/agent.ts"),
  natsKey: () => import("./lib/modes/nats_key.ts"),
};

async function run(command: Command): Promise<number> {
  switch (command.mode) {
    case "serve":
      return await (await modes.serve()).runServe(command.flags, program);
    case "stdio":
      return await (await modes.stdio()).runStdio(command.flags, program);
    case "probe":
      return await (await modes.probe()).runProbe(command, program);
    case "check":
      return await (await modes.check()).runCheck(command, {
        ...program,
        canWriteKnownHosts: (client) => canWriteKnownHosts(spawnProcess, client),
        findAppendFault,
        findControlFault,
        findKeyPairFault,
      });
    case "import":
      return await (await modes.import()).runImport(command, program);
    case "audit":
      return await (await modes.audit()).runAuditCheck(command, program);
    case "approvals":
    case "approve":
    case "deny":
      return await (await modes.approve()).runApprove(command, {
        ...program,
        now: Date.now,
        clock: systemClock,
        uid: Deno.uid,
      });
    case "agent":
      return await (await modes.agent()).runAgent(command.flags, program);
    case "nats-key":
      return await (await modes.natsKey()).runNatsKey(command, { ...program, writeNewFile });
    case "help":
      program.stdout(helpText(command.role));
      return EXIT.ok;
    case "version":
      program.stdout(`${program.name} ${VERSION}`);
      return EXIT.ok;
  }
}

function writeNewFile(path: string, text: string): Promise<void> {
  return Deno.writeTextFile(path, text, { createNew: true, mode: 0o600 });
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
