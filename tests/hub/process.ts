import { terminate } from "../../scripts/dev/terminate.ts";
import { programCommand } from "../compile/program.ts";
import { request } from "../mcp/wire.ts";
import { until } from "../processes.ts";

/** A hub as a process of its own, with the permissions that it ships with. */
export interface HubProcess extends AsyncDisposable {
  /** All that it has logged so far. */
  readonly log: () => string;
  readonly signal: (name: Deno.Signal) => void;
  /** Sends a request; its JSON-RPC answer, and the HTTP status. */
  readonly send: (
    method: string,
    params: Readonly<Record<string, unknown>>,
    token?: string,
  ) => Promise<HubAnswer>;
  /** Asks it to stop; its exit status. */
  readonly stop: () => Promise<number>;
}

/** What the hub answers. */
export interface HubAnswer {
  readonly status: number;
  /** Null where there is no JSON. */
  readonly body: unknown;
}

/** Options of `startHub()`. */
export interface HubProcessOptions {
  /** Path of the registry. */
  readonly registry: string;
  /** Private directory. */
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a hub on a free port of 127.0.0.1, and waits until it listens. */
export async function startHub({ registry, cwd, env }: HubProcessOptions): Promise<HubProcess> {
  const child = programCommand("hub", ["--registry", registry, "--port", "0"], {
    cwd,
    env: { LMCP_HUB_CONF: "", ...env },
  }).spawn();
  await child.stdin.close();
  const stdout = new Response(child.stdout).arrayBuffer();
  let log = "";
  const logged = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) log += text;
  })();
  const findUrl = () => /url=(\S+)/.exec(log)?.[1];
  await until(() => findUrl() !== undefined, 30_000);
  const url = findUrl() ?? "";

  const stop = async () => {
    terminate(child);
    const { code } = await child.status;
    await Promise.all([stdout, logged]);
    return code;
  };
  let stopped: Promise<number> | null = null;
  return {
    log: () => log,
    signal: (name) => child.kill(name),
    send: (method, params, token) => send(url, request(1, method, params), token),
    stop: () => stopped ??= stop(),
    [Symbol.asyncDispose]: async () => void await (stopped ??= stop()),
  };
}

async function send(url: string, message: unknown, token?: string): Promise<HubAnswer> {
  const response = await fetch(`${url}?results=structured`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(message),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? null : JSON.parse(text) };
}
