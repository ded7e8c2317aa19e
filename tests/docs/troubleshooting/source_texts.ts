import { ROOT } from "../documents.ts";

/** A text in the code, whatever is put into it replaced by `□`. */
export interface Text {
  readonly text: string;
  /** From the root of the checkout. */
  readonly path: string;
}

/** Stands for what a program puts into a text. */
export const GAP = "□";

/** Whose strings are for somebody else: what a flag, a field or an argument is, and patterns. */
const OTHER_CALLS = /^(?:describe|RegExp|includes|regex|\w+Argument|leaveOut|matchMedia)$/;
const OTHER_PROPERTIES = /^(?:description|title|meaning|help|hub|agent|label|content-?type)$/i;
const ALERT = /role="alert"[^>]*>([^<□]*\p{L} [^<□]*)/gu;

/** All texts of at least two words in a file of the program, in the order in which they stand there. */
export async function sourceTexts(path: string): Promise<Text[]> {
  const texts = await collect(path, (add) => {
    const visit = (node: Deno.lint.Node) => {
      if (!isPart(node) && !isMarkup(node) && !isForOthers(node)) add(textOf(node));
    };
    return { Literal: visit, TemplateLiteral: visit, BinaryExpression: visit };
  });
  // What has several lines is a script, or a document.
  return texts.filter(({ text }) =>
    /\p{L}[:,]? +[\p{L}"\x60□(]/u.test(text) && text.split("\n").length < 4
  );
}

/** What `log.warn()` and `log.error()` are called with in a file, where that is no variable. */
export function loggedTexts(path: string): Promise<Text[]> {
  return collect(path, (add) => ({
    CallExpression: ({ callee, arguments: [first] }) => {
      const isLog = callee.type === "MemberExpression" && /^(?:warn|error)$/.test(nameOf(callee));
      if (isLog && first !== undefined) add(textOf(first));
    },
  }));
}

/** What the fleet page says where something is wrong, in its templates. */
export async function alertTexts(path: string): Promise<Text[]> {
  const texts = await collect(path, (add) => ({ TemplateLiteral: (node) => add(textOf(node)) }));
  return texts.flatMap(({ text }) =>
    [...text.matchAll(ALERT)].map(([, text = ""]) => ({ text, path }))
  );
}

/** What a visitor of a file's syntax finds. */
async function collect(
  path: string,
  createVisitor: (add: (text: string | null) => void) => Deno.lint.LintVisitor,
): Promise<Text[]> {
  const texts: Text[] = [];
  const add = (text: string | null) => {
    if (text !== null) texts.push({ text, path });
  };
  const rules = { collect: { create: () => createVisitor(add) } };
  const source = await Deno.readTextFile(ROOT + path);
  Deno.lint.runPlugin({ name: "texts", rules }, ROOT + path, source);
  return texts;
}

/** The text that an expression produces; null: it is none. */
function textOf(node: Deno.lint.Node): string | null {
  switch (node.type) {
    case "Literal":
      return typeof node.value === "string" ? node.value : null;
    case "TemplateLiteral":
      return node.quasis.map(({ cooked }) => cooked).join(GAP);
    case "BinaryExpression": {
      if (node.operator !== "+") return null;
      const parts = [textOf(node.left), textOf(node.right)];
      return parts.every((part) => part === null)
        ? null
        : parts.map((part) => part ?? GAP).join("");
    }
    default:
      return null;
  }
}

/** Whether it is only a part of a text that is put together by `+`. */
function isPart(node: Deno.lint.Node): boolean {
  const parent = parentOf(node);
  return parent?.type === "BinaryExpression" && parent.operator === "+";
}

function isMarkup(node: Deno.lint.Node): boolean {
  return parentOf(node)?.type === "TaggedTemplateExpression";
}

/** Whether a text is none that an operator reads where something is wrong. */
function isForOthers(node: Deno.lint.Node): boolean {
  const parent = parentOf(node);
  switch (parent?.type) {
    case "ImportDeclaration":
    case "ExportNamedDeclaration":
    case "TSLiteralType":
      return true;
    case "CallExpression":
    case "NewExpression":
      return OTHER_CALLS.test(nameOf(parent.callee));
    case "Property":
      return parent.key === node || OTHER_PROPERTIES.test(nameOf(parent.key));
    default:
      return false;
  }
}

function nameOf(node: Deno.lint.Node): string {
  switch (node.type) {
    case "Identifier":
      return node.name;
    case "Literal":
      return String(node.value);
    case "MemberExpression":
      return nameOf(node.property);
    default:
      return "";
  }
}

/** What a node is in, as its own type says. */
type Parent = Extract<Deno.lint.Node, { parent: unknown }>["parent"];

function parentOf(node: Deno.lint.Node): Parent | null {
  return "parent" in node ? node.parent : null;
}
