import type { SoakHub } from "./hub_process.ts";

/** A client that means harm, until the signal aborts; a hub that is away for a moment is no matter. */
export type Hostile = (hub: SoakHub, token: string, signal: AbortSignal) => Promise<void>;

const IDLE_CONNECTIONS = 100;
const PAUSE_MS = 200;

/** The five of them. */
export const HOSTILES: Readonly<Record<string, Hostile>> = {
  idler: repeat(holdIdleConnections),
  slowpoke: repeat(postSlowly),
  glutton: repeat(readNothing),
  babbler: repeat(sendNonsense),
  leaver: repeat(leaveEarly),
};

function repeat(act: Hostile): Hostile {
  return async (hub, token, signal) => {
    while (!signal.aborted) {
      await act(hub, token, signal).catch(() => {});
      await pause(PAUSE_MS, signal);
    }
  };
}

async function holdIdleConnections(hub: SoakHub, _token: string, signal: AbortSignal) {
  const { hostname, port } = new URL(hub.url);
  const connections: Deno.Conn[] = [];
  try {
    while (connections.length < IDLE_CONNECTIONS && !signal.aborted) {
      connections.push(await Deno.connect({ hostname, port: Number(port) }));
    }
    await pause(5_000, signal);
  } finally {
    for (const connection of connections) connection.close();
  }
}

/** Announces a body, and sends a byte a second of it. */
async function postSlowly(hub: SoakHub, token: string, signal: AbortSignal) {
  const { hostname, port } = new URL(hub.url);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  await write(connection, head(token, 20_000_000));
  for (let second = 0; second < 60 && !signal.aborted; second++) {
    await write(connection, " ");
    await pause(1_000, signal);
  }
}

/** Asks for a large answer, and never reads it. */
async function readNothing(hub: SoakHub, token: string, signal: AbortSignal) {
  const { hostname, port } = new URL(hub.url);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  const body = callText("remote_shell", { host: "ssh-works", command: "yes | head -c 1000000" });
  await write(connection, head(token, body.length) + body);
  await pause(10_000, signal);
}

/** Sends what is too deep, too wide, too long, or not allowed. */
async function sendNonsense(hub: SoakHub, token: string, signal: AbortSignal) {
  const wide = Object.fromEntries(Array.from({ length: 200_000 }, (_, index) => [`k${index}`, 1]));
  const bodies = [
    "[".repeat(100_000),
    callText("remote_list_hosts", wide),
    callText("remote_shell", { host: "x".repeat(100_000), command: "true" }),
    '{"jsonrpc":"2.0","id":1e999,"method":"tools/call"}',
    "\u0000".repeat(1_000),
  ];
  for (const body of bodies) await post(hub, body, { token, signal });
  await post(hub, callText("remote_shell", { host: "sound-modern", command: "true" }), {
    token: `${token}x`,
    signal,
  });
}

/** Starts calls, and goes away before they are answered. */
async function leaveEarly(hub: SoakHub, token: string, signal: AbortSignal) {
  const calls = Array.from({ length: 20 }, () => {
    const body = callText("remote_shell", { host: "silent", command: "true", timeout: 60 });
    return post(hub, body, { token, signal: AbortSignal.any([signal, AbortSignal.timeout(100)]) });
  });
  await Promise.allSettled(calls);
}

async function post(
  hub: SoakHub,
  body: string,
  { token, signal }: { readonly token: string; readonly signal: AbortSignal },
): Promise<void> {
  const response = await fetch(hub.url, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body,
    signal,
  });
  await response.body?.cancel();
}

function callText(name: string, args: Readonly<Record<string, unknown>>): string {
  const params = { name, arguments: args };
  return JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params });
}

function head(token: string, length: number): string {
  return [
    "POST /mcp HTTP/1.1",
    "Host: 127.0.0.1",
    "Content-Type: application/json",
    `Authorization: Bearer ${token}`,
    `Content-Length: ${length}`,
    "",
    "",
  ].join("\r\n");
}

async function write(connection: Deno.Conn, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
  });
}
