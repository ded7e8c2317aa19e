import { escapeControls } from "./text/controls.ts";
import { formatError } from "./text/error_text.ts";

/** Levels, the most severe first. */
const LEVELS = ["error", "warn", "info", "debug"] as const;

/** How severe a line is. */
export type LogLevel = (typeof LEVELS)[number];

/** What a line has beside its message. Errors become text, secrets are hidden. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes one line of its level; less severe lines than asked for are dropped. */
export type Log = (message: string, fields?: LogFields) => void;

/** A function a level. */
export type Logger = Readonly<Record<LogLevel, Log>>;

/** Options of a logger. */
export interface LogOptions {
  /** `text`: `TIME LEVEL MESSAGE KEY=VALUE …`; `json`: an object with `time`, `level`, `message`. */
  readonly format: "text" | "json";
  /** Least severe level that is written. */
  readonly level: LogLevel;
  /** Takes a line that ends in `\n` and holds no other line break or control character. */
  readonly write: (line: string) => void;
  readonly now: () => Date;
}

/** Creates a logger that writes one line a call, whatever the message and the fields hold. */
export function createLogger({ format, level, write, now }: LogOptions): Logger {
  const render = format === "json" ? renderJson : renderText;
  const logAt = (lineLevel: LogLevel): Log => {
    if (LEVELS.indexOf(lineLevel) > LEVELS.indexOf(level)) return () => {};
    return (message, fields = {}) => {
      const head = { time: now().toISOString(), level: lineLevel, message };
      try {
        write(`${escapeControls(render(head, fields))}\n`);
      } catch {
        // Standard error is closed: work goes on, though nobody reads the log.
      }
    };
  };
  return { error: logAt("error"), warn: logAt("warn"), info: logAt("info"), debug: logAt("debug") };
}

/** What every line has; fields of these names are dropped from JSON. */
type Head = Readonly<Record<"time" | "level" | "message", string>>;

function renderJson(head: Head, fields: LogFields): string {
  const pairs = Object.entries({ ...head, ...fields, ...head })
    .map(([key, value]) => [JSON.stringify(key), toJson(value)])
    .filter(([, json]) => json !== undefined);
  return `{${pairs.map((pair) => pair.join(":")).join(",")}}`;
}

function renderText({ time, level, message }: Head, fields: LogFields): string {
  const pairs = Object.entries(fields)
    .map(([key, value]) => [key, isBare(value) ? value : toJson(value)])
    .filter(([, text]) => text !== undefined);
  return [time, level.toUpperCase(), message, ...pairs.map((pair) => pair.join("="))].join(" ");
}

/** Whether a text is one word in a line even without quotes. */
function isBare(value: unknown): value is string {
  return typeof value === "string" && /^[^\s"=]+$/.test(value);
}

/** A value as JSON; undefined where it has none. Logging never fails, whatever the value. */
function toJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value, (_key, inner) => {
      if (inner instanceof Error) return formatError(inner);
      return typeof inner === "bigint" ? inner.toString() : inner;
    });
  } catch (error) {
    return JSON.stringify(`[unprintable: ${formatError(error).split("\n", 1).join("")}]`);
  }
}
