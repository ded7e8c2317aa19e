import assert from "node:assert/strict";
import { nearNames } from "../lib/near_names.ts";

Deno.test("nearNames() gives names at most two edits away, nearest first", () => {
  assert.deepEqual(nearNames("lmcp_ur", ["tags", "lmcp_urls", "lmcp_url"]), [
    "lmcp_url",
    "lmcp_urls",
  ]);
});

Deno.test("nearNames() finds another case", () => {
  assert.deepEqual(nearNames("TESLA", ["tesla"]), ["tesla"]);
});

Deno.test("nearNames() does not take short names for each other", () => {
  assert.deepEqual(nearNames("a", ["b", "cd"]), []);
});
