/** How a stand-in for ssh treats a connection; it is the name of the destination. */
export type Destination = "works" | "refuses" | "breaks";

/** Runs what it is given on this machine, as `ssh … -- DESTINATION 'bash -s'` would on another. */
const PROGRAM = `#!/bin/bash
case \${@: -2:1} in
  works) exec bash -s ;;
  refuses) echo 'ssh: connect to host refuses: Connection refused' >&2; exit 255 ;;
  # Nothing is heard once the shell was ready: nobody learns how the command went on.
  breaks) exec bash -s >/dev/null 2> >(read -r ready; echo "$ready" >&2; read -r start) ;;
esac
`;

/** Writes the stand-in into a directory; gives its path. */
export async function writeLocalSsh(directory: string): Promise<string> {
  const path = `${directory}/ssh`;
  await Deno.writeTextFile(path, PROGRAM, { mode: 0o700 });
  return path;
}
