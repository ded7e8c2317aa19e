import { parseRegistry, type RegistryInputs } from "../../../../lib/config/registry/load.ts";
import { formatProblem } from "../../../../lib/base/problem.ts";
import { fakeSources } from "../../fake_sources.ts";

const defaults = { connectMs: 3000, lmcpMs: 6000, sshMs: 10_000, sshHardMs: 30_000 };

/** Hosts of two tags, one of which is also a host. */
export const HOSTS = `
[hosts.boltzmann]
ssh_host = "b"
tags = ["gpu", "lab"]
[hosts.gpu]
ssh_host = "g"
tags = ["lab"]
[hosts.tesla]
ssh_host = "t"
`;

const sources = fakeSources({
  env: { LMCP_CI: "of-ci" },
  files: { "/etc/tokens/ann": "of-ann\n" },
});

/** Parses a registry; the tokens of its clients can be read. */
export async function parse(text: string, options: Partial<RegistryInputs> = {}) {
  const inputs = { path: "/etc/hosts.toml", defaults, ...sources, ...options };
  const { registry, problems } = await parseRegistry(text, inputs);
  const clients = [...registry.clients.values()].map(({ token, hosts, ...client }) => (
    { ...client, token: token?.reveal(), hosts: hosts && [...hosts] }
  ));
  return { registry, clients, problems: problems.map(formatProblem) };
}
