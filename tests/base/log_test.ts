import assert from "node:assert/strict";
import { createLogger, type LogFields, type LogLevel } from "../../lib/base/log.ts";
import { Secret } from "../../lib/base/secret.ts";

function logLines(
  format: "text" | "json",
  { message = "said", fields, level = "debug" }: {
    readonly message?: string;
    readonly fields?: LogFields;
    readonly level?: LogLevel;
  } = {},
): string[] {
  const lines: string[] = [];
  const logger = createLogger({
    format,
    level,
    write: (line) => lines.push(line),
    now: () => new Date(0),
  });
  logger.error(message, fields);
  logger.warn(message, fields);
  logger.info(message, fields);
  logger.debug(message, fields);
  return lines;
}

const time = "1970-01-01T00:00:00.000Z";

/** What the fields look like in a text line. */
function textOf(fields: LogFields): string | undefined {
  return logLines("text", { fields })[0]?.slice(`${time} ERROR said `.length, -1);
}

/** What the fields look like in a JSON line, parsed. */
function jsonOf(fields: LogFields): unknown {
  return JSON.parse(logLines("json", { fields })[0] ?? "");
}

Deno.test("createLogger() writes text lines of time, level, message and fields", () => {
  const lines = logLines("text", { fields: { host: "tesla", ms: 5 } });
  assert.deepEqual(
    lines,
    ["ERROR", "WARN", "INFO", "DEBUG"].map((level) => `${time} ${level} said host=tesla ms=5\n`),
  );
});

Deno.test("createLogger() writes JSON lines of time, level, message and fields", () => {
  assert.equal(
    logLines("json", { fields: { host: "tesla", ms: 5 } })[1],
    `{"time":"${time}","level":"warn","message":"said","host":"tesla","ms":5}\n`,
  );
});

Deno.test("createLogger() drops what is less severe than its level", () => {
  const counts = (["error", "warn", "info", "debug"] as const)
    .map((level) => logLines("text", { level }).length);
  assert.deepEqual(counts, [1, 2, 3, 4]);
});

Deno.test("createLogger() quotes texts that are not one word", () => {
  assert.equal(
    textOf({ a: "x y", b: "", c: "k=v", d: 'say "hi"', e: "a/b:c" }),
    'a="x y" b="" c="k=v" d="say \\"hi\\"" e=a/b:c',
  );
});

Deno.test("createLogger() writes other values as JSON, and leaves undefined out", () => {
  const fields = { n: null, t: true, l: [1, "a"], o: { b: 2n }, u: undefined, f: () => 1 };
  assert.equal(textOf(fields), 'n=null t=true l=[1,"a"] o={"b":"2"}');
  const { time: _time, level: _level, message: _message, ...rest } = Object(jsonOf(fields));
  assert.deepEqual(rest, { n: null, t: true, l: [1, "a"], o: { b: "2" } });
});

const controls = "a\nb\rc\u0000d\u001b[31m\u007f\u0085\u009b\u2028\u2029\u202e\u2066";

Deno.test("createLogger() writes one line without control characters, whatever it is given", () => {
  for (const format of ["text", "json"] as const) {
    for (
      const line of logLines(format, {
        message: controls,
        fields: { a: controls, [controls]: "b" },
      })
    ) {
      assert.match(line, /^[^\p{Cc}\u2028\u2029\u202e\u2066]+\n$/u);
    }
  }
});

Deno.test("createLogger() keeps every character in JSON", () => {
  const [line = ""] = logLines("json", { message: controls, fields: { a: controls } });
  assert.deepEqual(JSON.parse(line), { time, level: "error", message: controls, a: controls });
});

Deno.test("createLogger() does not let a field replace time, level or message", () => {
  assert.deepEqual(jsonOf({ message: "forged", level: "debug", time: "now", a: 1 }), {
    time,
    level: "error",
    message: "said",
    a: 1,
  });
});

Deno.test("createLogger() never writes a secret", () => {
  const token = new Secret("canary");
  const fields = { token, tokens: [token], host: { token } };
  for (const format of ["text", "json"] as const) {
    const text = logLines(format, { fields }).join("");
    assert.doesNotMatch(text, /canary/);
    assert.match(text, /\[secret\]/);
  }
});

Deno.test("createLogger() writes an error and its cause flat", () => {
  const error = new Error("a", { cause: new TypeError("b") });
  assert.equal(textOf({ error }), 'error="Error: a: caused by TypeError: b"');
  assert.equal(textOf({ all: [error] }), 'all=["Error: a: caused by TypeError: b"]');
});

Deno.test("createLogger() survives a value that cannot be written", () => {
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  const [line = ""] = logLines("json", { fields: { circle, after: 1 } });
  assert.match(JSON.parse(line).circle, /^\[unprintable: TypeError: /);
  assert.equal(JSON.parse(line).after, 1);
});

Deno.test("createLogger() outlives a place that takes no lines", () => {
  const write = () => {
    throw new Deno.errors.BrokenPipe("nobody reads");
  };
  createLogger({ format: "text", level: "info", write, now: () => new Date(0) }).info("said");
});
