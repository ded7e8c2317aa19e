import assert from "node:assert/strict";
import { delivery } from "../../calls/record.ts";
import { argumentsOf, digestOf, lineOf, others, recordOf } from "./lines.ts";

Deno.test("createAudit() bounds and redacts what many hosts said", () => {
  const fallbackReason = `canary-token ${"n".repeat(10_000)}`;
  const deliveries = Array.from({ length: 200 }, () => delivery({ fallbackReason }));
  const line = lineOf({ deliveries });
  assert.ok(line.length < 200 * 500, `${line.length} characters`);
  assert.doesNotMatch(line, /canary/);
});

Deno.test("createAudit() writes what the tool declares first, whatever stands before it", () => {
  const args = { ...others(64), command: "id", cwd: "/", host: "tesla" };
  const { arguments: written, arguments_left_out: leftOut } = recordOf({ args });
  assert.deepEqual(Object.keys(written).slice(0, 3), ["command", "cwd", "x0"]);
  assert.equal(Object.keys(written).length, 64);
  assert.deepEqual(leftOut, { count: 2, ...digestOf('{"x62":62,"x63":63}') });
});

Deno.test("createAudit() writes no argument under the name of another", () => {
  const long = "n".repeat(128);
  const args = { "canary-token": 1, "[secret]": 2, [long]: 3, [`${long}4`]: 4, [`${long}5`]: 5 };
  const { arguments: written, arguments_left_out: leftOut } = recordOf({ args });
  assert.deepEqual(written, { "[secret]": 1, [long]: 3 });
  assert.equal(leftOut.count, 3);
});

Deno.test("createAudit() bounds what a caller makes up", () => {
  const long = "n".repeat(10_000);
  const args = { ...others(1_000, long), ...others(1_000), command: "x" };
  const line = lineOf({
    tool: long,
    client: { name: long, version: long },
    deliveries: [delivery({ host: long, fallbackReason: long })],
    args,
  });
  assert.ok(line.length < 20_000, `${line.length} characters`);
  assert.equal(JSON.parse(line).arguments_left_out.count, 2_000 - 63);
});

Deno.test("createAudit() keeps an argument of the name __proto__", () => {
  const args = JSON.parse('{"__proto__":"a","constructor":"b"}');
  assert.deepEqual(Object.keys(argumentsOf(args)), ["__proto__", "constructor"]);
});

Deno.test("createAudit() hides known secrets wherever they stand", () => {
  const secret = "is canary-token here";
  const line = lineOf({
    tool: secret,
    client: { name: secret, version: secret },
    deliveries: [delivery({ host: secret, fallbackReason: secret })],
    args: { command: secret, path: "canary-token", [secret]: 1, content: secret },
  });
  assert.doesNotMatch(line, /canary/);
  assert.equal(line.match(/\[secret\]/g)?.length, 8);
});

Deno.test("createAudit() writes one line whatever the call holds", () => {
  const forged = 'a\n{"event":"ended"}\r\u2028';
  assert.doesNotMatch(lineOf({ tool: forged, args: { command: forged } }), /[\n\r]/);
});

Deno.test("createAudit() shows no control or bidirectional character raw, and loses none", () => {
  const forged = "a\u009b2J\u202eb\u007f\u200f\u2066\ufeff\u{e0041}";
  const line = lineOf({
    tool: forged,
    client: { name: forged, version: forged },
    args: { command: forged, [forged]: 1 },
    deliveries: [delivery({ host: forged, fallbackReason: forged })],
  });
  assert.match(line, /^[^\p{Cc}\p{Cf}\u2028\u2029]+$/u);
  assert.equal(JSON.parse(line).arguments.command, forged);
});
