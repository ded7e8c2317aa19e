import { labHost } from "./host.ts";
import { openHub } from "./hub.ts";

// A program that calls the backend at the URL it is given, and prints the transport that it took.
const host = labHost({ lmcpUrl: Deno.args[0] ?? null, token: "canary-token" });
await using hub = openHub({ hosts: [host] });
const { structuredContent } = await hub.call("remote_list_dir", { host: host.name });
console.log(structuredContent?.via);
