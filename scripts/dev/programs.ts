import { terminate } from "./terminate.ts";
import type { DevHub, DevState } from "./state.ts";
import { V8_FLAGS } from "../compile/v8_flags.ts";

/** What is needed to start the programs. */
export interface ProgramOptions {
  /** The checkout, with a final slash. */
  readonly root: string;
  readonly state: DevState;
  /** What all connect to the broker with; empty: there is none. */
  readonly brokerEnv: Readonly<Record<string, string>>;
  /** Called when one ends by itself. */
  readonly onEnd: (name: "agent" | "hub", code: number) => void;
}

/** The agent and the hubs, which have all ended when this is disposed of. */
export interface Programs extends AsyncDisposable {
  /** Asks all to stop; asked twice, they do not wait for running calls. */
  readonly stop: () => void;
}

/** Starts the agent and the hubs, with the permissions they ship with. */
export function startPrograms({ root, state, brokerEnv, onEnd }: ProgramOptions): Programs {
  const programs = [agentOf(state), ...state.hubs.map((hub) => hubOf(hub, state))]
    .map((program) => ({
      ...program,
      child: start(root, { ...program, env: { ...brokerEnv, ...program.env } }),
    }));
  const printing = Promise.all(programs.map(({ child }) => printErrors(child, state)));
  let isStopping = false;
  const ends = Promise.all(programs.map(async ({ role, child }) => {
    const { code } = await child.status;
    if (!isStopping) onEnd(role, code);
  }));
  const stop = () => {
    isStopping = true;
    for (const { child } of programs) terminate(child);
  };
  return {
    stop,
    [Symbol.asyncDispose]: async () => {
      if (!isStopping) stop();
      await Promise.all([ends, printing]);
    },
  };
}

function agentOf({ agentPort, agentTokenFile, directory }: DevState): ProgramStart {
  return {
    role: "agent",
    args: ["--agent", "--port", String(agentPort), "--quiet"],
    env: {
      LMCP_TOKEN_FILE: agentTokenFile,
      LMCP_STATE_DIR: directory,
      LMCP_NATS_NAME: "local",
    },
    permissions: [],
  };
}

function hubOf(
  { port, controlDirectory }: DevHub,
  { registry, hubTokenFile }: DevState,
): ProgramStart {
  return {
    role: "hub",
    args: ["--registry", registry, "--port", String(port)],
    env: { LMCP_TOKEN_FILE: hubTokenFile, LMCP_HUB_CONTROL_DIR: controlDirectory },
    permissions: [`--allow-write=${controlDirectory}`],
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
