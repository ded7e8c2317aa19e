import assert from "node:assert/strict";
import { OtherCalls } from "../../../../lib/hub/sharing/calls/others.ts";
import { toJsonBytes } from "../../../../lib/shared/json.ts";
import type { Table } from "../../../../lib/shared/table.ts";

Deno.test("a client is counted under any name, also one that every object knows", () => {
  const listeners: Parameters<Table["watch"]>[1][] = [];
  const table: Table = {
    read: () => Promise.resolve({ kind: "none" }),
    write: () => Promise.resolve({ kind: "away" }),
    remove: () => Promise.resolve(false),
    watch: (_, listener) => {
      listeners.push(listener);
      return () => {};
    },
  };
  const peers = {
    id: "one",
    isUp: () => true,
    others: () => ["two"],
    ask: () => Promise.resolve({ kind: "away" } as const),
    askAll: () => Promise.resolve([]),
    serve: () => () => {},
    watch: () => () => {},
  };
  const others = new OtherCalls({ peers, table, onChange() {} });
  const counts = { all: 1, unknown: 0, byMinute: new Array(60).fill(0) };
  const report = { at: 0, running: [], recent: [], counts, ofClients: { toString: counts } };
  const entry = { key: "two", value: toJsonBytes(report), revision: 1 };
  for (const listener of listeners) listener({ kind: "put", entry });
  assert.deepEqual(others.countsOf("constructor", 0), []);
  assert.deepEqual(others.countsOf("toString", 0).map(({ all }) => all), [1]);
  assert.deepEqual(others.countsOf(null, 0).map(({ all }) => all), [1]);
});
