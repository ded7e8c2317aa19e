/**
 * The smallest possible proxy in Deno, with the hub's own HTTP client: the yardstick for the hub.
 * Arguments: the port of 127.0.0.1 to listen on, and the URL to pass requests on to.
 */
import { Agent, request } from "undici";

const [port, url = ""] = Deno.args;
const dispatcher = new Agent();

Deno.serve({ hostname: "127.0.0.1", port: Number(port), onListen: () => {} }, async (incoming) => {
  const { statusCode, body } = await request(url, {
    dispatcher,
    method: "POST",
    headers: { "content-type": "application/json" },
    body: await incoming.text(),
  });
  const headers = { "content-type": "application/json" };
  return new Response(await body.text(), { status: statusCode, headers });
});
