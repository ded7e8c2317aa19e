import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import {
  type CallContext,
  type CallToolResult,
  defineTool,
  errorResult,
  type Tool,
} from "../../lib/mcp/tool.ts";

type Content = CallToolResult["content"];

const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
const SILENCE = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAAAAA==";

const IMAGE = { type: "image", data: PIXEL, mimeType: "image/png" } as const;

/** The tools that the conformance suite calls, by the names it knows them under. */
export const FIXTURE_TOOLS: readonly Tool[] = [
  toolOf("test_simple_text", [text("This is a simple text response for testing.")]),
  toolOf("test_image_content", [IMAGE]),
  toolOf("test_audio_content", [{ type: "audio", data: SILENCE, mimeType: "audio/wav" }]),
  toolOf("test_embedded_resource", [
    resource("test://embedded-resource", "text/plain", "This is an embedded resource content."),
  ]),
  toolOf("test_multiple_content_types", [
    text("Multiple content types test:"),
    IMAGE,
    resource("test://mixed-content-resource", "application/json", '{"test":"data","value":123}'),
  ]),
  runTool("test_error_handling", () => {
    return Promise.resolve(errorResult("This tool intentionally returns an error for testing"));
  }),
  runTool("test_tool_with_progress", async ({ reportProgress, signal }) => {
    for (const line of ["0/100", "50/100", "100/100"]) {
      reportProgress?.(line);
      await delay(50, undefined, { signal });
    }
    return { content: [text("Progress was reported")] };
  }),
  { ...toolOf("test_missing_capability", [text("ran")]), requires: { sampling: {} } },
  toolOf("test_streaming_elicitation", [text("Nothing had to be asked")]),
  toolOf("test_logging_tool", [text("Nothing was logged")]),
  {
    ...toolOf("json_schema_2020_12_tool", [text("ok")]),
    inputSchema: {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      $defs: {
        address: {
          $anchor: "addressDef",
          type: "object",
          properties: { street: { type: "string" }, city: { type: "string" } },
        },
      },
      properties: {
        name: { type: "string" },
        address: { $ref: "#/$defs/address" },
        contactMethod: { type: "string", enum: ["phone", "email"] },
        phone: { type: "string" },
        email: { type: "string" },
      },
      allOf: [{ anyOf: [{ required: ["phone"] }, { required: ["email"] }] }],
      if: { properties: { contactMethod: { const: "phone" } }, required: ["contactMethod"] },
      then: { required: ["phone"] },
      else: { required: ["email"] },
      additionalProperties: false,
    },
  },
];

function runTool(name: string, run: (context: CallContext) => Promise<CallToolResult>): Tool {
  return defineTool({
    name,
    title: name,
    description: `Fixture ${name}`,
    input: z.looseObject({}),
    readOnly: true,
    run: (_args, context) => run(context),
  });
}

function toolOf(name: string, content: Content): Tool {
  return runTool(name, () => Promise.resolve({ content }));
}

function text(value: string): Content[number] {
  return { type: "text", text: value };
}

function resource(uri: string, mimeType: string, value: string): Content[number] {
  return { type: "resource", resource: { uri, mimeType, text: value } };
}
