import { dirname } from "node:path";
import { gzipSync } from "node:zlib";
import type { Role } from "../../lib/config/variables.ts";
import { renderShared } from "../share/files.ts";

/** Which documents go into a package, and where from. */
interface DocumentSource {
  readonly role: Role;
  readonly version: string;
  readonly date: Date;
  /** The checkout, with a final slash. */
  readonly root: string;
}

/** Where Debian's shells look below `/usr/share`. */
const FOLDERS = { zsh: "zsh/vendor-completions", fish: "fish/vendor_completions.d" };

/** Adds manual page, completions, licence, change log and examples. */
export async function addDocuments(stage: string, source: DocumentSource): Promise<void> {
  const { role, root } = source;
  const share = `${stage}/usr/share`;
  const doc = `${share}/doc/lmcp-${role}`;
  for (const { path, text } of renderShared(role, source, FOLDERS)) {
    if (path.startsWith("man/")) await writePacked(`${share}/${path}.gz`, text);
    else await write(`${share}/${path}`, text);
  }
  await write(`${doc}/copyright`, renderCopyright(await Deno.readTextFile(`${root}LICENSE`)));
  await write(`${doc}/README.Debian`, README[role]);
  await writePacked(`${doc}/changelog.gz`, await Deno.readTextFile(`${root}CHANGELOG.md`));
  if (role === "hub") {
    const example = await Deno.readTextFile(`${root}hosts.toml.example`);
    await write(`${doc}/examples/hosts.toml`, example);
    const broker = await Deno.readTextFile(`${root}scripts/nats-server.conf`);
    await write(`${doc}/examples/nats-server.conf`, broker);
  }
}

const README: Readonly<Record<Role, string>> = {
  hub: `lmcp-hub for Debian
===================

The service is installed, but neither enabled nor started. Write the hosts into
/etc/lmcp-hub/hosts.toml, give the user lmcp-hub an ssh key, check, and start:

  runuser -u lmcp-hub -- mkdir -p -m 0700 /var/lib/lmcp-hub/.ssh
  runuser -u lmcp-hub -- ssh-keygen -q -t ed25519 -N '' -f /var/lib/lmcp-hub/.ssh/id_ed25519
  lmcp-hub-check && systemctl enable --now lmcp-hub

Clients use the token in /etc/lmcp-hub/token, which was made for this machine. Variables go into
/etc/lmcp-hub/environment. Every field of hosts.toml is explained in examples/hosts.toml.

An upgrade restarts a running service: running calls have 10 seconds to end. Purging the package
removes /etc/lmcp-hub, /var/lib/lmcp-hub with its ssh keys, /var/log/lmcp-hub with the audit trail,
and the user, if the package has made it.

If install.sh has installed the hub before, its units and its binary hide those of the package. This
removes them, and keeps the registry and the token:

  rm /etc/systemd/system/lmcp-hub.service /etc/systemd/system/lmcp-hub-probe.*
  rm -r /usr/local/bin/lmcp-hub /usr/local/bin/lmcp-hub-check /usr/local/share/doc/lmcp-hub
  systemctl daemon-reload
`,
  agent: `lmcp-agent for Debian
=====================

The service is installed, but neither enabled nor started: it runs as root what the holder of its
token asks for. It listens on loopback unless /etc/lmcp-agent/environment says otherwise, such as

  LMCP_HOST=0.0.0.0

Then start it:

  systemctl enable --now lmcp-agent

The hub needs the token in /etc/lmcp-agent/token, which was made for this machine.

An upgrade restarts a running service: running calls have 10 seconds to end, and jobs go on. Purging
the package removes /etc/lmcp-agent, and /var/lib/lmcp-agent with its jobs.

If install.sh has installed the agent before, its unit and its binary hide those of the package. This
removes them, and keeps the token:

  rm /etc/systemd/system/lmcp-agent.service
  rm -r /usr/local/bin/lmcp-agent /usr/local/share/doc/lmcp-agent
  systemctl daemon-reload
`,
};

function renderCopyright(license: string): string {
  const [, copyright = "", text = ""] = /Copyright \(c\) ([^\n]+)\n\n([^]*)/.exec(license) ?? [];
  const body = text.trimEnd().replace(/^$/gm, ".").replace(/^/gm, " ");
  return `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: lmcp-hub

Files: *
Copyright: ${copyright}
License: Expat

License: Expat
${body}
`;
}

/** gzip writes no time and no name here, so that packing the same makes the same. */
async function writePacked(path: string, text: string): Promise<void> {
  await writeBytes(path, gzipSync(text, { level: 9 }));
}

async function write(path: string, text: string): Promise<void> {
  await writeBytes(path, new TextEncoder().encode(text));
}

async function writeBytes(path: string, bytes: Uint8Array): Promise<void> {
  await makeFolder(dirname(path));
  await Deno.writeFile(path, bytes);
  await Deno.chmod(path, 0o644);
}

/** Whatever the umask is. */
async function makeFolder(path: string): Promise<void> {
  try {
    await Deno.mkdir(path);
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return;
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    await makeFolder(dirname(path));
    await Deno.mkdir(path);
  }
  await Deno.chmod(path, 0o755);
}
