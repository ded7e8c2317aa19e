import { fileURLToPath } from "node:url";
import { Secret } from "../../lib/base/secret.ts";
import { type NatsConnection, openNats } from "../../lib/nats/connection.ts";
import { formatUser, type NatsUser } from "../../lib/nats/permissions.ts";
import { inboxPrefix } from "../../lib/nats/subjects.ts";
import { createUserKey } from "../../lib/nats/user_key.ts";
import { makeCertificate } from "../certificate.ts";
import { until } from "../processes.ts";
import { startNats } from "./server.ts";

/** The configuration of nats-server as it ships. */
export const SHIPPED = await Deno.readTextFile(
  fileURLToPath(new URL("../../scripts/nats-server.conf", import.meta.url)),
);

/** A broker with the shipped configuration, and its users. */
export interface ShippedBroker extends AsyncDisposable {
  /** Connects as the hub, or as the agent of a host. */
  readonly connect: (who: string) => Promise<NatsConnection>;
  /** What each user's connection has complained of. */
  readonly complaints: (who: string) => readonly string[];
  /** Path of its certificate, in PEM. */
  readonly certificate: string;
}

/** What the configuration has beside the entries that `--nats-key` prints. */
export interface ShippedOptions {
  /** Further entries of `users`. */
  readonly entries?: readonly string[];
  /** Further blocks. */
  readonly blocks?: readonly string[];
}

/** Starts it with the entries that `--nats-key` prints for the hub, and for agents of some hosts. */
export async function startShipped(
  hosts: readonly string[],
  { entries = [], blocks = [] }: ShippedOptions = {},
): Promise<ShippedBroker> {
  await using stack = new AsyncDisposableStack();
  const certificate = stack.use(await makeCertificate());
  const store = await Deno.makeTempDir();
  stack.defer(() => Deno.remove(store, { recursive: true }));
  const users: [string, NatsUser][] = [
    ["hub", { kind: "hub" }],
    ...hosts.map((host): [string, NatsUser] => [host, { kind: "agent", host }]),
  ];
  const keys = new Map(users.map(([name]) => [name, createUserKey()]));
  const own = users.map(([name, user]) => formatUser(keys.get(name)?.publicKey ?? "", user));
  const nats = stack.use(
    await startNats({
      config: [
        edit(SHIPPED, { certificate, store, entries: [...own, ...entries] }),
        ...blocks.map((block) => block.replaceAll("/etc/nats/", `${certificate.directory}/`)),
      ],
    }),
  );
  const complaints = new Map<string, string[]>();
  const connections: NatsConnection[] = [];
  const connect = async (who: string) => {
    const lines: string[] = [];
    complaints.set(who, lines);
    const write = (message: string, fields?: object) => {
      lines.push(`${message} ${JSON.stringify(fields)}`);
    };
    const connection = openNats({
      settings: {
        ...nats.settings,
        needsTls: true,
        seed: new Secret(keys.get(who)?.seed ?? ""),
        ca: await Deno.readTextFile(`${certificate.directory}/cert.pem`),
      },
      name: who,
      ...who === "hub" && { inboxPrefix: inboxPrefix("hub") },
      log: { info: () => {}, warn: write, debug: () => {} },
    });
    connections.push(connection);
    await until(connection.isUp);
    return connection;
  };
  const owned = stack.move();
  return {
    connect,
    certificate: `${certificate.directory}/cert.pem`,
    complaints: (who) => complaints.get(who) ?? [],
    [Symbol.asyncDispose]: async () => {
      await Promise.all(connections.map((connection) => connection.close()));
      await owned.disposeAsync();
    },
  };
}

/** What an operator would edit; the port is that of the test. */
function edit(
  text: string,
  { certificate, store, entries }: {
    readonly certificate: { readonly directory: string };
    readonly store: string;
    readonly entries: readonly string[];
  },
): string {
  const users = text.indexOf("  users: [");
  return [
    text.slice(0, users)
      .replace(/^listen: .*$/m, "")
      .replaceAll("/etc/nats/", `${certificate.directory}/`)
      .replace("/var/lib/nats", store),
    "  users: [",
    ...entries,
    "  ]\n}\n",
  ].join("\n");
}
