import assert from "node:assert/strict";
import { at } from "../../mcp/wire.ts";
import { NATS_SERVER } from "../../nats/server.ts";
import { callForModel } from "../client.ts";
import { temporaryFile } from "../program.ts";
import { startTwoHubs } from "./two_hubs.ts";

const ignore = NATS_SERVER === null;
const TOKEN = "the-operators-token";
const headers = { authorization: `Bearer ${TOKEN}` };

/** Signs in on the page of a hub, and allows a call there; why it was not, or null. */
async function allowOnPage(port: number, id: string): Promise<unknown> {
  const origin = `http://127.0.0.1:${port}`;
  const post = (path: string, body: Record<string, string>, more = {}) =>
    fetch(`${origin}${path}`, {
      method: "POST",
      headers: { origin, accept: "application/json", ...more },
      body: new URLSearchParams(body),
    });
  const signedIn = await post("/sign-in", { token: TOKEN });
  await signedIn.body?.cancel();
  const cookie = signedIn.headers.getSetCookie().map((line) => line.split(";")[0]).join("; ");
  return at(await (await post("/approvals/allow", { id }, { cookie })).json(), "problem");
}

Deno.test({
  name: "a call that waits at one hub is allowed at another, and runs once, through whichever hub",
  ignore,
  fn: async () => {
    await using hubs = await startTwoHubs(
      { LMCP_TOKEN: TOKEN },
      (url) => `[hosts.here]\nlmcp_url = "${url}"\n[[confirm]]\nhosts = ["here"]\n`,
    );
    const [one, two] = [hubs.one, hubs.two];
    await using scratch = await temporaryFile("runs", "");
    const args = { host: "here", command: `echo run >>${scratch.path}` };
    const shell = (url: string, more = {}) =>
      callForModel(url, "remote_shell", { ...args, ...more }, { headers });
    const asked = await shell(one.url);
    const approval = /approval[ =:]+"?([a-z0-9]{10})"?/.exec(asked.text)?.[1];
    assert.ok(approval, asked.text);
    assert.equal(await allowOnPage(two.port, approval), null);
    const answers = await Promise.all(
      [one, two, one, two, one, two].map(({ url }) => shell(url, { approval })),
    );
    assert.equal(answers.filter(({ isError }) => !isError).length, 1);
    assert.equal(await Deno.readTextFile(scratch.path), "run\n");
  },
});
