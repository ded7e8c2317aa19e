/** What the fake ssh does with a connection; this is also the name of the destination. */
export type Destination = "works" | "refuses" | "breaks";

/** Does on this machine what `ssh … -- DESTINATION 'bash -s'` does on another one. */
const PROGRAM = `#!/bin/bash
# Claims are kept beside it, and not in the home of who runs this.
export XDG_STATE_HOME=\${0%/*}/state
case \${@: -2:1} in
  works) exec bash -s ;;
  refuses) echo 'ssh: connect to host refuses: Connection refused' >&2; exit 255 ;;
  # Drops all output after the ready line, so that nobody learns what became of the command.
  breaks) exec bash -s >/dev/null 2> >(read -r ready; echo "$ready" >&2; read -r start) ;;
esac
`;

/** Writes the fake ssh into a directory; returns its path. */
export async function writeLocalSsh(directory: string): Promise<string> {
  const path = `${directory}/ssh`;
  await Deno.writeTextFile(path, PROGRAM, { mode: 0o700 });
  return path;
}
