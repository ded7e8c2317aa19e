import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { freePort } from "../free_port.ts";
import { listenAgain } from "./listen_again.ts";

Deno.test("listenAgain() waits while a port is still in use", async () => {
  const port = freePort();
  const other = Deno.listen({ hostname: "127.0.0.1", port });
  const server = createServer();
  const listening = listenAgain(server, port);
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal(server.listening, false);
  other.close();
  await listening;
  assert.equal(server.listening, true);
  server.close();
  await once(server, "close");
});
