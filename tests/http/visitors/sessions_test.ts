import assert from "node:assert/strict";
import { Secret } from "../../../lib/base/secret.ts";
import { type Authenticator, createAuthenticator } from "../../../lib/http/auth.ts";
import { createSessions } from "../../../lib/http/visitors/sessions.ts";
import { createFakeClock } from "../../base/time/fake_clock.ts";

const HOUR_MS = 3_600_000;

/** Sessions, and who is accepted, which can be changed. */
function setUp(tokens: Readonly<Record<string, string>> = { ann: "token-a", bob: "token-b" }) {
  const clock = createFakeClock();
  let authenticate: Authenticator;
  const accept = (tokens: Readonly<Record<string, string>>) => {
    const named = Object.entries(tokens).map(([name, token]) => ({
      name,
      token: new Secret(token),
    }));
    authenticate = named.length === 0 ? () => null : createAuthenticator(named);
  };
  accept(tokens);
  const sessions = createSessions({ authenticate: (request) => authenticate(request), clock });
  const open = (token: string) => sessions.open(new Secret(token)) ?? "";
  return { clock, sessions, open, accept };
}

Deno.test("createSessions() opens sessions for tokens that are accepted, with ids of 256 random bits", () => {
  const { sessions, open } = setUp();
  const ids = [open("token-a"), open("token-a"), open("token-b")];
  assert.equal(new Set(ids).size, 3);
  for (const id of ids) assert.match(id, /^[\w-]{43}$/);
  assert.deepEqual(ids.map(sessions.principalOf), ["ann", "ann", "bob"]);
});

Deno.test("createSessions() opens none for other tokens, whatever they hold", () => {
  const { open } = setUp();
  const wrong = [
    "",
    "token",
    "token-a ",
    "token-a\r\nx: y",
    "token-a\u0000",
    "TOKEN-A",
    "é",
    "token-a token-b",
  ];
  for (const token of wrong) assert.equal(open(token), "", JSON.stringify(token));
  assert.notEqual(open("token-a"), "");
});

Deno.test("createSessions() knows no forged ids", () => {
  const { sessions, open } = setUp();
  const id = open("token-a");
  const other = id.startsWith("A") ? "B" : "A";
  for (const forged of ["", "x", `${other}${id.slice(1)}`, `${id} `, `${id}A`, "A".repeat(43)]) {
    assert.equal(sessions.principalOf(forged), null, forged);
  }
});

Deno.test("createSessions() ends a session after 12 hours without use, and after 7 days in any case", () => {
  const { clock, sessions, open } = setUp();
  const [idle, used] = [open("token-a"), open("token-a")];
  clock.advance(12 * HOUR_MS - 1);
  assert.equal(sessions.principalOf(used), "ann");
  clock.advance(1);
  assert.deepEqual([idle, used].map(sessions.principalOf), [null, "ann"]);
  for (let hours = 12; hours < 7 * 24 - 1; hours++) {
    clock.advance(HOUR_MS);
    assert.equal(sessions.principalOf(used), "ann", `after ${hours + 1} hours`);
  }
  clock.advance(HOUR_MS);
  assert.equal(sessions.principalOf(used), null);
});

Deno.test("createSessions() counts the time that the machine slept, and no time that was set back", () => {
  const { clock, sessions, open } = setUp();
  const id = open("token-a");
  clock.setWall(clock.wall() - 24 * HOUR_MS);
  clock.advance(12 * HOUR_MS);
  assert.equal(sessions.principalOf(id), null);
  const other = open("token-a");
  clock.setWall(clock.wall() + 12 * HOUR_MS);
  assert.equal(sessions.principalOf(other), null);
});

Deno.test("createSessions() ends a session whose token was taken back, for good", () => {
  const { sessions, open, accept } = setUp();
  const [ann, bob] = [open("token-a"), open("token-b")];
  accept({ bob: "token-b" });
  assert.deepEqual([ann, bob].map(sessions.principalOf), [null, "bob"]);
  accept({ ann: "token-a", bob: "token-b" });
  assert.equal(sessions.principalOf(ann), null);
});

Deno.test("createSessions() ends a session whose token is somebody else's by now", () => {
  const { sessions, open, accept } = setUp();
  const id = open("token-a");
  accept({ root: "token-a" });
  assert.equal(sessions.principalOf(id), null);
});

Deno.test("createSessions() ends the session that it is asked to, and no other", () => {
  const { sessions, open } = setUp();
  const [first, second] = [open("token-a"), open("token-a")];
  sessions.end(first);
  sessions.end("unknown");
  assert.deepEqual([first, second].map(sessions.principalOf), [null, "ann"]);
});

Deno.test("createSessions() keeps 64 sessions of a principal, those that were used last", () => {
  const { sessions, open } = setUp();
  const other = open("token-b");
  const ids = Array.from({ length: 64 }, () => open("token-a"));
  assert.equal(sessions.principalOf(ids[0] ?? ""), "ann");
  open("token-a");
  const [first, second, third] = ids.map(sessions.principalOf);
  assert.deepEqual([first, second, third], ["ann", null, "ann"]);
  assert.equal(sessions.principalOf(other), "bob");
});

Deno.test("createSessions() keeps 1,000 sessions in all", () => {
  const tokens = Object.fromEntries(
    Array.from({ length: 17 }, (_, at) => [`client${at}`, `token-${at}`]),
  );
  const { sessions, open } = setUp(tokens);
  const ids = Object.values(tokens).flatMap((token) =>
    Array.from({ length: 60 }, () => open(token))
  );
  assert.equal(ids.filter((id) => sessions.principalOf(id) !== null).length, 1_000);
});
