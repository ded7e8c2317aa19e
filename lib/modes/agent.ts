import { resolve } from "node:path";
import { createAgentTools } from "../agent/catalog.ts";
import { claimedTool } from "../agent/claims/claimed_tool.ts";
import { claimsExtension } from "../agent/claims/extension.ts";
import { AgentClaimFolder, claimsBelow } from "../agent/claims/folder.ts";
import { createKeeper } from "../agent/claims/keeper.ts";
import { serveOverNats } from "../agent/nats/serve.ts";
import { createOwnBash, findLogin, type Login, NO_LOGIN } from "../agent/login.ts";
import { systemClock } from "../base/time/clock.ts";
import type { Logger } from "../base/log.ts";
import { spawnProcess } from "../base/process.ts";
import { VERSION } from "../base/version.ts";
import { createBudget } from "../calls/budget.ts";
import { type AgentSettings, loadAgentSettings } from "../config/settings.ts";
import type { AgentFlags } from "../config/server.ts";
import { createAuthenticator, defaultToken } from "../http/auth.ts";
import { ServeError, serveHttp } from "../http/listen.ts";
import { createCapacity } from "../hub/capacity.ts";
import { complain, EXIT, openLog, type Program, reportProblems } from "../hub/program.ts";
import { logUnhandledErrors } from "../hub/unhandled.ts";
import { createServer, type McpServer } from "../mcp/server.ts";
import type { Tool } from "../mcp/tool.ts";

const INSTRUCTIONS = "Tools for the machine that this server runs on.";

// Deno lets a process with a set LD_LIBRARY_PATH be started only by a program that may run all.
const CHILD_ENV = { LD_LIBRARY_PATH: "", LMCP_TOKEN: "", LMCP_NATS_PASSWORD: "" } as const;

/** The first process inherits what others leave behind, and Deno waits only for its own children. */
const NO_INIT = "cannot be process 1, since nothing would reap what its commands leave behind: " +
  "give the container an init (docker run --init, or init: true in a compose file)";

/** Bytes of all answers: files that are read at once, with what else takes memory meanwhile. */
const MAX_ANSWERS_BYTES = 128 * 1024 * 1024;

/** Serves this machine's tools over HTTP until the program is asked to stop. */
export async function runAgent(flags: AgentFlags, program: Program): Promise<number> {
  if (Deno.pid === 1) {
    complain(program, NO_INIT);
    return EXIT.unusable;
  }
  const { settings, problems } = await loadAgentSettings({ ...program, flags });
  if (reportProblems(problems, program)) return EXIT.unusable;
  const log = openLog(settings.log, program);
  using _unhandled = logUnhandledErrors(log);
  const folder = openClaims(settings, log);
  const keeper = createKeeper(folder, systemClock);
  const tools = createTools(settings, log).map((tool) => claimedTool(tool, keeper));
  using capacity = createCapacity({ log, clock: systemClock });
  const server = createServer({
    name: settings.name,
    version: VERSION,
    instructions: INSTRUCTIONS,
    tools: () => tools,
    extension: claimsExtension(folder, keeper),
    log: log.error,
    maxCalls: capacity.maxCalls,
    answers: createBudget(() => MAX_ANSWERS_BYTES),
  });
  const serving = new AbortController();
  const stop = AbortSignal.any([program.stop, serving.signal]);
  const overNats = settings.nats && serveOverNats(settings.nats, {
    server,
    settings,
    tools: tools.length,
    boot: () => bootOf(folder),
    log,
    stop,
  });
  try {
    if (settings.listens) await serveOverHttp(server, { settings, log, program });
    else await overNats;
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof ServeError)) throw error;
    complain(program, error.message);
    return EXIT.unusable;
  } finally {
    serving.abort();
    await overNats;
    await folder.settled();
  }
}

async function serveOverHttp(
  server: McpServer,
  { settings, log, program }: {
    readonly settings: AgentSettings;
    readonly log: Logger;
    readonly program: Program;
  },
): Promise<void> {
  await serveHttp({
    server,
    authenticate: createAuthenticator(defaultToken(settings.token)),
    settings,
    log,
    stop: program.stop,
    readTextFile: program.readTextFile,
    onListen: (url) =>
      log.info("lmcp-agent is listening", {
        version: VERSION,
        url,
        root: settings.root,
        auth: settings.token === null ? "off" : "on",
      }),
  });
}

async function bootOf(folder: AgentClaimFolder): Promise<string | null> {
  const opened = await folder.opened();
  return typeof opened === "string" ? null : opened.boot;
}

/** Its bash is started at once, since the first that connects asks for it. */
function openClaims(settings: AgentSettings, log: Logger): AgentClaimFolder {
  const folder = new AgentClaimFolder({
    runBash: createOwnBash(spawnProcess, CHILD_ENV),
    directory: claimsBelow(settings.stateDirectory),
    pid: Deno.pid,
    clock: systemClock,
    warn: log.warn,
  });
  folder.open();
  return folder;
}

/**
 * The agent's tools, which wait for what a login starts with. The agent does not: a user database can
 * take seconds to answer.
 */
function createTools(settings: AgentSettings, log: Logger): readonly Tool[] {
  const createWith = ({ program, home, uid, env }: Login) =>
    createAgentTools({
      spawn: spawnProcess,
      program,
      home,
      uid,
      childEnv: { ...CHILD_ENV, ...env },
      pid: Deno.pid,
      token: settings.token,
      ownFiles: settings.secretFiles.map((path) => resolve(path)),
      denyPaths: settings.denyPaths,
      root: settings.root,
      stateDirectory: settings.stateDirectory,
    });
  const findTools = async () => {
    const login = await findLogin(spawnProcess, CHILD_ENV);
    if (login.fault !== null) log.warn("there is no login to start from", { error: login.fault });
    return new Map(createWith(login).map((tool) => [tool.name, tool]));
  };
  const ready = findTools();
  return createWith(NO_LOGIN).map((tool) => ({
    ...tool,
    call: async (args, context) => await ((await ready).get(tool.name) ?? tool).call(args, context),
  }));
}
