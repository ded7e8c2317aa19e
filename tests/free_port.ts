import { anyPort, isFree, PORTS } from "../scripts/dev/free_port.ts";

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
  do port = port < PORTS.last ? port + 1 : PORTS.first; while (!isFree(port));
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
