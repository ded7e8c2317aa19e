import { freePort } from "../../tests/free_port.ts";
import type { Bench } from "./bench.ts";
import {
  launch,
  type ProgramCommand,
  type RunningProgram,
  startProgram,
  untilReady,
} from "./programs.ts";
import { type BenchHost, legacyRegistry, tomlRegistry } from "./registry.ts";
import { V8_FLAGS } from "../compile/v8_flags.ts";

/** Options of a hub to measure. */
export interface HubOptions {
  readonly hosts: readonly BenchHost[];
  /** Inbound token. */
  readonly token?: string;
  /** Seconds; default 3. */
  readonly connectTimeout?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Whether it may write to the bench's directory, and nowhere else; a binary may not. */
  readonly writes?: boolean;
}

/** Starts the hub with the permissions it ships with. */
export async function startHub(options: HubOptions, bench: Bench): Promise<RunningProgram> {
  return await untilReady(await launchHub(options, bench), bench);
}

/** Starts the hub without waiting for it. */
export async function launchHub(options: HubOptions, bench: Bench): Promise<RunningProgram> {
  const registry = await Deno.makeTempFile({ dir: bench.directory, suffix: ".toml" });
  await Deno.writeTextFile(registry, tomlRegistry(options.hosts, options.connectTimeout ?? 3));
  const port = freePort();
  const args = ["--registry", registry, "--port", String(port)];
  const env = { LMCP_LOG_LEVEL: "error", ...tokenVariable(options), ...options.env };
  const { binary } = bench.options;
  const writes = options.writes ? [`--allow-write=${bench.directory}`] : [];
  return launch(
    binary === null
      ? denoRun([V8_FLAGS, "-P=hub", ...writes, `${bench.root}main.ts`, ...args], { env, port })
      : { program: binary, args, env, port },
    bench,
  );
}

/** Starts the Lua hub from the file that `--lua` names. */
export async function launchLuaHub(
  lua: { readonly program: string; readonly file: string },
  hosts: readonly BenchHost[],
  bench: Bench,
): Promise<RunningProgram> {
  const registry = await Deno.makeTempFile({ dir: bench.directory, suffix: ".conf" });
  await Deno.writeTextFile(registry, legacyRegistry(hosts));
  const port = freePort();
  const env = { LMCP_HUB_BACKENDS: registry, LMCP_PORT: String(port) };
  return launch({ program: lua.program, args: [lua.file], env, port }, bench);
}

/** Starts an agent; it keeps its state in the bench's directory. */
export async function startAgent(bench: Bench): Promise<RunningProgram> {
  const port = freePort();
  const args = [V8_FLAGS, "-P=agent", `${bench.root}main.ts`, "--agent", "--port", String(port)];
  const env = {
    LMCP_STATE_DIR: bench.directory,
    LMCP_LOG_LEVEL: "error",
    LMCP_WITHOUT_TOKEN: "1",
  };
  return await startProgram(denoRun(args, { env, port }), bench);
}

/** A backend that does no work, listening on several ports. */
export interface FixedBackend extends RunningProgram {
  readonly ports: readonly number[];
}

/** Starts `fixed_backend.ts`; several ports share the connections of a large fleet. */
export async function startBackend(bench: Bench, portCount = 1): Promise<FixedBackend> {
  const ports = Array.from({ length: portCount }, () => freePort());
  const [port = 0] = ports;
  const script = `${bench.root}scripts/bench/peers/fixed_backend.ts`;
  const args = ["--allow-net=127.0.0.1", script, ...ports.map(String)];
  return { ...await startProgram(denoRun(args, { port }), bench), ports };
}

/** Starts `bare_proxy.ts` in front of a backend. */
export async function startBareProxy(
  backend: RunningProgram,
  bench: Bench,
): Promise<RunningProgram> {
  return await untilReady(launchBareProxy(backend, bench), bench);
}

/** Starts `bare_proxy.ts` without waiting for it. */
export function launchBareProxy(backend: RunningProgram, bench: Bench): RunningProgram {
  const port = freePort();
  const args = [
    "--allow-net=127.0.0.1",
    "--allow-env=JEST_WORKER_ID,UNDICI_NO_WASM_SIMD",
    `${bench.root}scripts/bench/peers/bare_proxy.ts`,
    String(port),
    `http://127.0.0.1:${backend.port}/mcp`,
  ];
  return launch(denoRun(args, { port }), bench);
}

/** A script of the checkout as a program. */
export function denoRun(
  args: readonly string[],
  rest: Pick<ProgramCommand, "env" | "port">,
): ProgramCommand {
  const flags = ["run", "--quiet", "--no-prompt", "--frozen"];
  return { program: Deno.execPath(), args: [...flags, ...args], ...rest };
}

function tokenVariable({ token }: HubOptions): Record<string, string> {
  return token === undefined ? {} : { LMCP_TOKEN: token };
}
