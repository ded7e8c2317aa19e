import type { Role } from "../../lib/config/variables.ts";

/** An architecture as Debian calls it. */
export type Architecture = "amd64" | "arm64";

/** What makes one package differ from another of the same program. */
export interface PackageVersion {
  readonly role: Role;
  readonly version: string;
  readonly architecture: Architecture;
  /** `Name <address>`. */
  readonly maintainer: string;
}

interface About {
  readonly depends: string;
  readonly summary: string;
  /** Lines of less than 80 characters; an empty one parts paragraphs. */
  readonly description: readonly string[];
}

/** A binary that is made by Deno needs these. */
const LIBRARIES = "libc6 (>= 2.27), libgcc-s1";

const ABOUT: Readonly<Record<Role, About>> = {
  hub: {
    depends: `${LIBRARIES}, adduser, openssh-client`,
    summary: "one MCP endpoint for a fleet of hosts",
    description: [
      "The hub runs on a jump host. AI assistants and scripts connect to it over",
      "the Model Context Protocol (MCP), and get tools that run commands and handle",
      "files on any host of the fleet.",
      "",
      "The service is not started before it is configured: see",
      "/usr/share/doc/lmcp-hub/README.Debian.",
    ],
  },
  agent: {
    depends: LIBRARIES,
    summary: "MCP tools of this machine, as a backend of lmcp-hub",
    description: [
      "The agent runs commands and handles files on its machine, for a hub on",
      "another one.",
      "",
      "The service is not started before it is configured: see",
      "/usr/share/doc/lmcp-agent/README.Debian.",
    ],
  },
};

/** The file `control` of a package; `installedKib` is the size of its files. */
export function renderControl(
  { role, version, architecture, maintainer }: PackageVersion,
  installedKib: number,
): string {
  const { depends, summary, description } = ABOUT[role];
  const text = description.map((line) => ` ${line === "" ? "." : line}`).join("\n");
  return `Package: lmcp-${role}
Version: ${version}
Architecture: ${architecture}
Maintainer: ${maintainer}
Installed-Size: ${installedKib}
Depends: ${depends}
Section: admin
Priority: optional
Description: ${summary}
${text}
`;
}

/** The name of a package's file. */
export function packageFileName({ role, version, architecture }: PackageVersion): string {
  return `lmcp-${role}_${version}_${architecture}.deb`;
}

/** A version as Debian sorts it: a pre-release comes before its release. */
export function debianVersion(version: string): string {
  return version.replace("-", "~");
}
