/** The program's path in the bundle. */
export const ENTRY_POINT = "server/bridge.mjs";

/**
 * The bundle's manifest. The client asks the user for the settings and passes them as environment
 * variables, never as arguments, which everybody on the machine can read.
 * https://github.com/modelcontextprotocol/mcpb/blob/main/MANIFEST.md
 */
export function makeManifest(version: string, repository: string | null) {
  return {
    manifest_version: "0.3",
    name: "lmcp-hub",
    display_name: "lmcp-hub",
    version,
    description: DESCRIPTION,
    long_description:
      "Connects to an lmcp-hub that runs elsewhere, at a URL. The hub runs commands and handles " +
      "files on the hosts of its fleet; what this client may do there depends on its token.",
    author: { name: "the lmcp-hub authors" },
    ...(repository === null ? {} : {
      repository: { type: "git", url: `https://github.com/${repository}` },
    }),
    license: "MIT",
    keywords: ["ssh", "fleet", "hosts", "remote"],
    server: {
      type: "node",
      entry_point: ENTRY_POINT,
      mcp_config: {
        command: "node",
        args: [`\${__dirname}/${ENTRY_POINT}`],
        env: {
          LMCP_BRIDGE_URL: "${user_config.url}",
          LMCP_BRIDGE_TOKEN: "${user_config.token}",
          LMCP_BRIDGE_CA: "${user_config.ca}",
        },
      },
    },
    tools_generated: true,
    compatibility: {
      platforms: ["darwin", "win32", "linux"],
      runtimes: { node: ">=18.0.0" },
    },
    user_config: {
      url: {
        type: "string",
        title: "URL of the hub",
        description: "Such as https://hub.example.org/mcp",
        required: true,
      },
      token: {
        type: "string",
        title: "Token",
        description: "The token that the hub's operator has made for you",
        sensitive: true,
        required: false,
        default: "",
      },
      ca: {
        type: "file",
        title: "Certificates",
        description: "A PEM file, for a hub whose certificate is from a private authority",
        required: false,
        default: "",
      },
    },
  };
}

/** What the hub is, in at most 100 characters. */
export const DESCRIPTION =
  "Runs commands and handles files on the hosts of a fleet, through an lmcp-hub";
