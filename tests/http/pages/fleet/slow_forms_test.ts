import assert from "node:assert/strict";
import { ANN, createTestSite, form, type TestSite } from "./served_site.ts";

Deno.test("forms are bounded, and nothing but forms is read", async () => {
  const { ask, signIn } = createTestSite();
  const { cookie } = await signIn(ANN);
  const statusOf = async (init: RequestInit) => (await ask("/sign-in", init)).status;
  assert.equal(await statusOf(form({ token: "x".repeat(16 * 1024) })), 413);
  const typed = (type: string, body: BodyInit) => ({
    ...form({}),
    body,
    headers: { origin: "http://localhost:8090", "content-type": type },
  });
  assert.equal(await statusOf(typed("application/json", `{"token":"${ANN}"}`)), 415);
  assert.equal(await statusOf(typed("multipart/form-data; boundary=x", "--x")), 415);
  const urlencoded = "application/x-www-form-urlencoded";
  assert.equal(await statusOf(typed(urlencoded, new Uint8Array([0xff]))), 400);
  assert.equal(await statusOf(typed(`${urlencoded};charset=UTF-8`, `token=${ANN}`)), 303);
  const huge = form({ targets: "x".repeat(16 * 1024) }, { cookie });
  assert.equal((await ask("/probe", huge)).status, 413);
});

Deno.test("a form that does not come in time is given up", async () => {
  const { ask, clock } = createTestSite();
  const body = new ReadableStream<Uint8Array>({
    start: (stream) => stream.enqueue(new Uint8Array(1)),
  });
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    origin: "http://localhost:8090",
  };
  const answer = ask("/sign-in", { method: "POST", body, headers });
  // Until it is waited for what follows the first byte.
  await new Promise((resolve) => setTimeout(resolve));
  clock.advance(30_000);
  assert.equal((await answer).status, 408);
});

Deno.test("strangers who never end their forms keep nobody out, known or new, at any address", async () => {
  const site = createTestSite();
  const { cookie } = await site.signIn(ANN);
  const known = /lmcp_hub_known_8090=[^;]*/.exec(cookie)?.[0] ?? "";
  const attackers = Array.from({ length: 400 }, (_, at) => `192.0.2.${at % 3}`);
  await using forms = await startSlowForms(site, attackers);
  for (const from of ["192.0.2.0", "203.0.113.1"]) {
    for (const headers of [{}, { cookie: known }]) {
      const signIn = form({ token: ANN }, headers);
      const response = await site.handler(
        new Request("http://localhost:8090/sign-in", signIn),
        comingFrom(from),
      );
      assert.equal(response.status, 303, from);
    }
  }
  assert.ok(forms.refused() > 300, `${forms.refused()}`);
});

Deno.test("whoever never ends forms makes room with their own", async () => {
  const site = createTestSite();
  await using other = await startSlowForms(site, ["203.0.113.1"]);
  await using forms = await startSlowForms(site, new Array(400).fill("192.0.2.1"));
  assert.equal(other.refused(), 0);
  assert.equal(forms.refused(), 400 - 63);
});

/** A request that comes from an address. */
function comingFrom(hostname: string) {
  const remoteAddr = { transport: "tcp", hostname, port: 4711 } as const;
  return { completed: Promise.resolve(), remoteAddr };
}

/** Sends a form from each of these addresses; their ends do not come until it is disposed of. */
async function startSlowForms(
  { handler }: Pick<TestSite, "handler">,
  addresses: readonly string[],
) {
  const controllers: ReadableStreamDefaultController<Uint8Array>[] = [];
  let refused = 0;
  const send = async (address: string) => {
    const { headers } = form({ token: "" });
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => void controllers.push(controller),
    });
    const request = new Request("http://localhost:8090/sign-in", {
      method: "POST",
      body,
      headers: { ...headers, "content-type": "application/x-www-form-urlencoded" },
    });
    const { status } = await handler(request, comingFrom(address));
    if (status === 429) refused++;
  };
  const answers: Promise<void>[] = [];
  for (const address of addresses) {
    answers.push(send(address));
    if (answers.length % 50 === 0) await new Promise((resolve) => setTimeout(resolve));
  }
  await new Promise((resolve) => setTimeout(resolve));
  return {
    refused: () => refused,
    [Symbol.asyncDispose]: async () => {
      for (const controller of controllers) {
        try {
          controller.close();
        } catch {
          // Its form was refused.
        }
      }
      await Promise.all(answers);
    },
  };
}
