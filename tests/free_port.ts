import { findFile } from "./daemon.ts";
import { anyPort, isFree, PORTS } from "../scripts/dev/free_port.ts";

/** Linux's sockets of TCP, as `proc_net_tcp(5)` describes them; not all systems have IPv6. */
const TABLES = ["/proc/net/tcp", "/proc/net/tcp6"].filter((path) => findFile([path]) !== null);

/** The state of a socket that listens. */
const LISTENS = "0A";

/**
 * A port of 127.0.0.1 for programs that cannot listen on port 0, and for hosts that refuse
 * connections. Nothing listens on it, and it is not handed out again, to whichever process, until
 * all others have been.
 */
export function freePort(directory = "/tmp"): number {
  const path = `${directory}/lmcp-hub-tests-port-${Deno.uid()}`;
  using file = Deno.openSync(path, { read: true, write: true, create: true });
  // Closing it unlocks it.
  file.lockSync(true);
  let port = readPort(file);
  do port = port < PORTS.last ? port + 1 : PORTS.first; while (isTaken(port));
  file.seekSync(0, Deno.SeekMode.Start);
  file.writeSync(new TextEncoder().encode(String(port)));
  return port;
}

/** The port that was handed out last; where none was, any. */
function readPort(file: Deno.FsFile): number {
  const bytes = new Uint8Array(5);
  const length = file.readSync(bytes) ?? 0;
  const port = Number(new TextDecoder().decode(bytes.subarray(0, length)));
  const isOurs = port >= PORTS.first && port <= PORTS.last;
  return isOurs ? port : anyPort();
}

/**
 * Whether something listens on a port. Where it can be looked up, nobody listens to find out: what
 * a test of another thread starts at that moment has a copy of the socket until it runs its own
 * program, and for as long nobody could have the port that was said to be free.
 */
function isTaken(port: number): boolean {
  if (Deno.build.os !== "linux") return !isFree(port);
  return TABLES.some((table) => listensIn(table, port));
}

/** Sockets that listen come first: the rest of a table, which can be thousands, is not read. */
function listensIn(table: string, port: number): boolean {
  const end = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  for (const line of linesOf(table)) {
    const [number, localAddress, , state] = line.trim().split(/\s+/);
    if (number === "sl") continue;
    if (state !== LISTENS) return false;
    if (localAddress?.endsWith(end) === true) return true;
  }
  return false;
}

/** The lines of a file, of which no more is read than is asked for. */
function* linesOf(path: string): Generator<string> {
  using file = Deno.openSync(path);
  const bytes = new Uint8Array(4_096);
  let pending = "";
  for (let length = file.readSync(bytes); length !== null; length = file.readSync(bytes)) {
    const lines = (pending + new TextDecoder().decode(bytes.subarray(0, length))).split("\n");
    pending = lines.pop() ?? "";
    yield* lines;
  }
}
