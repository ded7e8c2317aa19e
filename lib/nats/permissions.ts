import {
  AGENT_QUEUE,
  ALL_PRESENCE,
  hostSubject,
  hubSubject,
  inboxPrefix,
  presenceSubject,
  WHO_SUBJECT,
} from "./subjects.ts";

/** Whose permissions they are: a hub's, or those of the agent of a host. */
export type NatsUser =
  | { readonly kind: "hub" }
  | { readonly kind: "agent"; readonly host: string };

/** A user as an entry of `users` in the configuration of nats-server, on several lines. */
export function formatUser(publicKey: string, user: NatsUser): string {
  const lines = user.kind === "hub" ? HUB_PERMISSIONS : agentPermissions(user.host);
  return [
    "{",
    `  nkey: "${publicKey}"`,
    "  permissions: {",
    ...lines.map((line) => `    ${line}`),
    "  }",
    "}",
  ].join("\n");
}

/** It asks hosts, hears who is there, and keeps in JetStream what hubs share. */
const HUB_PERMISSIONS = [
  'publish: ["lmcp.>", "$JS.>", "$KV.>"]',
  `subscribe: ["${ALL_PRESENCE}", "${hubSubject(">")}", "${inboxPrefix(">")}"]`,
];

/** It announces and serves its own host, and answers whoever asks it. */
function agentPermissions(host: string): string[] {
  const subject = hostSubject(host);
  return [
    `publish: ["${presenceSubject(host)}"]`,
    `subscribe: ["${subject} ${AGENT_QUEUE}", "${subject}.>", "${WHO_SUBJECT}"]`,
    "allow_responses: true",
  ];
}
