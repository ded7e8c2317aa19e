/**
 * A program: carries connections to a port of this machine's (or namespace's) 127.0.0.1 on to a Unix
 * socket, which has no part in network namespaces. Arguments: the port, the socket's path.
 */
import { carry } from "./carry.ts";

const [port = "", path = ""] = Deno.args;
using listener = Deno.listen({ hostname: "127.0.0.1", port: Number(port) });
for await (const near of listener) {
  void Deno.connect({ transport: "unix", path }).then(
    (far) => carry(near, far),
    () => near.close(),
  );
}
