import type { DevState } from "./state.ts";
import { V8_FLAGS } from "../compile/v8_flags.ts";

/** What is needed to start both programs. */
export interface ProgramOptions {
  /** The checkout, with a final slash. */
  readonly root: string;
  readonly state: DevState;
  /** Called when one ends by itself. */
  readonly onEnd: (name: "agent" | "hub", code: number) => void;
}

/** The agent and the hub, which have both ended when this is disposed of. */
export interface Programs extends AsyncDisposable {
  /** Asks both to stop; asked twice, they do not wait for running calls. */
  readonly stop: () => void;
}

/** Starts the agent and the hub, with the permissions they ship with. */
export function startPrograms({ root, state, onEnd }: ProgramOptions): Programs {
  const agent = start(root, {
    role: "agent",
    args: ["--agent", "--port", String(state.agentPort), "--quiet"],
    env: { LMCP_TOKEN_FILE: state.agentTokenFile, LMCP_STATE_DIR: state.agentDirectory },
    permissions: [],
  });
  const hub = start(root, {
    role: "hub",
    args: ["--registry", state.registry, "--port", String(state.port)],
    env: { LMCP_TOKEN_FILE: state.hubTokenFile, LMCP_HUB_CONTROL_DIR: state.controlDirectory },
    permissions: [`--allow-write=${state.controlDirectory}`],
  });
  const printing = Promise.all([printErrors(agent, state), printErrors(hub, state)]);
  let isStopping = false;
  const ends = Promise.all([
    agent.status.then(({ code }) => isStopping || onEnd("agent", code)),
    hub.status.then(({ code }) => isStopping || onEnd("hub", code)),
  ]);
  const stop = () => {
    isStopping = true;
    for (const program of [agent, hub]) terminate(program);
  };
  return {
    stop,
    [Symbol.asyncDispose]: async () => {
      if (!isStopping) stop();
      await Promise.all([ends, printing]);
    },
  };
}

interface ProgramStart {
  readonly role: "agent" | "hub";
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Beside those of the role. */
  readonly permissions: readonly string[];
}

/** In a group of its own, so that Ctrl-C reaches it by way of this program alone. */
function start(root: string, { role, args, env, permissions }: ProgramStart): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "--frozen",
      V8_FLAGS,
      `-P=${role}`,
      ...permissions,
      `${root}main.ts`,
      ...args,
    ],
    env: { ...env },
    stdin: "null",
    stderr: "piped",
    detached: true,
  }).spawn();
}

function terminate(program: Deno.ChildProcess): void {
  try {
    program.kill("SIGTERM");
  } catch {
    // It has ended.
  }
}

/** Prints what a program reports, with the file that its reader edits in place of the hub's. */
async function printErrors(
  program: Deno.ChildProcess,
  { registry, hostsFile }: DevState,
): Promise<void> {
  let pending = "";
  for await (const text of program.stderr.pipeThrough(new TextDecoderStream())) {
    const lines = (pending + text).split("\n");
    pending = lines.pop() ?? "";
    for (const line of lines) console.error(line.replaceAll(registry, hostsFile));
  }
  if (pending !== "") console.error(pending.replaceAll(registry, hostsFile));
}
