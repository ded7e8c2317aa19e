/** The name of the socket of a hub that listens, in the directory in which it keeps its sockets. */
export const SOCKET_NAME = "approvals.sock";

/** That of a hub on standard streams, of which there are as many as clients: each has its own. */
export function ownSocketName(pid: number): string {
  return `approvals-${pid}.sock`;
}

const OWN_NAME = /^approvals-\d+\.sock$/;

/** Whether hubs on standard streams have such a name for their socket. */
export function isOwnSocketName(name: string): boolean {
  return OWN_NAME.test(name);
}

/** The paths of all sockets of hubs in a directory. Rejects as `Deno.readDir()` does. */
export async function findSockets(directory: string): Promise<readonly string[]> {
  const paths: string[] = [];
  for await (const { name } of Deno.readDir(directory)) {
    if (name === SOCKET_NAME || isOwnSocketName(name)) paths.push(`${directory}/${name}`);
  }
  return paths.sort();
}
