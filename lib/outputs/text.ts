import { foreignText } from "../base/text/foreign_text.ts";
import { isJsonObject } from "../mcp/message.ts";
import type { CallToolResult } from "../mcp/tool.ts";

type Content = CallToolResult["content"];

/** What a model reads of a result, apart from what no text can hold. */
export interface ReadableContent {
  /** All its texts as one, those of resources too; null: there is none. */
  readonly text: string | null;
  /** The other blocks: images, for example. */
  readonly others: Content;
}

/** Puts all texts of a result together. */
export function readContent({ content }: CallToolResult): ReadableContent {
  const texts: string[] = [];
  const others: Content = [];
  for (const block of content) {
    const text = textOf(block);
    if (text === null) others.push(block);
    else texts.push(text);
  }
  // Some clients cannot read JSON that holds half a character.
  return { text: texts.length === 0 ? null : texts.join("\n").toWellFormed(), others };
}

/** All that a result says as one text, in which what is no text is only named. */
export function textToKeep(result: CallToolResult): string {
  const { text, others } = readContent(result);
  const names = others.map(({ type }: Content[number]) => `[${type}: not kept]`);
  return [...(text === null ? [] : [text]), ...names].join("\n");
}

/** A backend's block can lack what its type asks for. */
function textOf(block: Content[number]): string | null {
  if (block.type === "text") return block.text;
  if (block.type !== "resource" || !isJsonObject(block.resource)) return null;
  const { uri, text } = block.resource;
  return typeof text === "string" ? `[resource ${foreignText(String(uri))}]\n${text}` : null;
}
