import assert from "node:assert/strict";
import { post } from "../../mcp/wire.ts";
import { get, PING, setUp } from "./lab.ts";

Deno.test("the handler reports each request without a valid token, and no other", async () => {
  const denied: [url: string, remote: unknown][] = [];
  const { handler } = setUp({ onDenied: ({ url }, remote) => denied.push([url, remote]) });
  const remoteAddr = { transport: "tcp", hostname: "192.0.2.1", port: 1 } as const;
  const completed = Promise.resolve();
  await handler(get("/x", { authorization: "no" }), { remoteAddr, completed });
  await handler(post(PING));
  await handler(post(PING, { host: "evil.example", authorization: "no" }));
  await handler(get("/healthz", { authorization: "no" }));
  assert.deepEqual(denied, [["http://127.0.0.1:8090/x", remoteAddr]]);
});

/** The status of a message that takes so long to arrive, and whose token is valid no more when it has. */
async function statusAfter(
  ms: number,
  authenticated: (isValid: () => boolean) => Parameters<typeof setUp>[0],
): Promise<number> {
  const message = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
  const reading = Promise.withResolvers<void>();
  let isValid = true;
  const { handler, clock } = setUp(authenticated(() => isValid));
  const body = ReadableStream.from((async function* () {
    reading.resolve();
    yield message.promise;
  })());
  const answered = handler(post("", {}, { body }));
  await reading.promise;
  clock.advance(ms);
  isValid = false;
  message.resolve(new TextEncoder().encode(JSON.stringify(PING)));
  const response = await answered;
  await response.body?.cancel();
  return response.status;
}

Deno.test("the handler asks again whether a token is valid when its message took its time", async () => {
  const byToken = (isValid: () => boolean) => ({
    authenticate: () => isValid() ? { name: "ann" } : null,
  });
  assert.equal(await statusAfter(50, byToken), 200);
  assert.equal(await statusAfter(500, byToken), 401);
});

Deno.test("the handler asks again whether an access token is valid when its message took its time", async () => {
  const byAccessToken = (isValid: () => boolean): Parameters<typeof setUp>[0] => ({
    authenticate: () => null,
    oauth: {
      settings: () => OAUTH,
      admit: () =>
        isValid()
          ? { kind: "admitted", principal: { name: "ann" } }
          : { kind: "refused", reason: "The token has expired", isGuess: false },
    },
  });
  assert.equal(await statusAfter(50, byAccessToken), 200);
  assert.equal(await statusAfter(500, byAccessToken), 401);
});

Deno.test("the handler compares static tokens before it looks at access tokens", async () => {
  const { handler } = setUp({
    authenticate: () => ({ name: "ann" }),
    oauth: { settings: () => OAUTH, admit: () => assert.fail("It was looked at") },
  });
  const response = await handler(post(PING));
  await response.body?.cancel();
  assert.equal(response.status, 200);
});

const OAUTH = {
  issuers: [{ url: "https://login.example.org", jwksUrl: null }],
  audience: "https://hub.example.org/mcp",
  claim: "sub",
  scopes: [],
};
