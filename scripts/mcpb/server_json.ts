import { DESCRIPTION } from "./manifest.ts";

/** A release on GitHub that has the bundle. */
export interface BundleRelease {
  /** `OWNER/NAME` on GitHub. */
  readonly repository: string;
  readonly version: string;
  /** Of the bundle, in hexadecimal digits. */
  readonly sha256: string;
}

const SCHEMA = "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json";

/** What the MCP registry is to know: the bundle of a release, and that hubs can be called directly. */
export function makeServerJson({ repository, version, sha256 }: BundleRelease) {
  const [owner = "", name = ""] = repository.split("/");
  const url = `https://github.com/${repository}`;
  return {
    $schema: SCHEMA,
    // GitHub does not distinguish upper and lower case in names of owners, but the registry does.
    name: `io.github.${owner}/${name}`,
    title: "lmcp-hub",
    description: DESCRIPTION,
    version,
    repository: { url, source: "github" },
    packages: [{
      registryType: "mcpb",
      identifier: `${url}/releases/download/v${version}/lmcp-hub.mcpb`,
      version,
      fileSha256: sha256,
      transport: { type: "stdio" },
      environmentVariables: [
        {
          name: "LMCP_BRIDGE_URL",
          description: "URL of the hub",
          isRequired: true,
          placeholder: "https://hub.example.org/mcp",
        },
        { name: "LMCP_BRIDGE_TOKEN", description: "Token for the hub", isSecret: true },
        {
          name: "LMCP_BRIDGE_CA",
          description: "PEM file of a private certificate authority",
          format: "filepath",
        },
      ],
    }],
    remotes: [{
      type: "streamable-http",
      url: "https://{hub}/mcp",
      variables: {
        hub: {
          description: "Name of the machine that serves the hub, with a port if it is not 443",
          isRequired: true,
          placeholder: "hub.example.org",
        },
      },
      headers: [{
        name: "Authorization",
        description: "The hub's token",
        value: "Bearer {token}",
        variables: {
          token: { description: "Token for the hub", isRequired: true, isSecret: true },
        },
      }],
    }],
  };
}
