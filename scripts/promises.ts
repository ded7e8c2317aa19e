import { relative } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/**
 * The project's lint rule for promises that nobody waits for: a rejection that nobody handles ends
 * a program, so each of them ends in `.catch(…)`, or in `.then(…, …)`.
 */
const plugin: Deno.lint.Plugin = {
  name: "promises",
  rules: { "no-unhandled": { create: checkPromises } },
};
export default plugin;

const ADVICE = "end it with .catch(), or wait for it";

function checkPromises(context: Deno.lint.RuleContext): Deno.lint.LintVisitor {
  const file = relative(ROOT, context.filename).replaceAll("\\", "/");
  if (file !== "main.ts" && !file.startsWith("lib/")) return {};
  return {
    UnaryExpression(node) {
      if (node.operator !== "void" || handlesRejection(node.argument)) return;
      const message = `void hides a promise that may reject: ${ADVICE}; else use a block`;
      context.report({ node, message });
    },
    ExpressionStatement({ expression }) {
      const method = calledMethod(expression);
      if (method !== "then" && method !== "finally") return;
      if (handlesRejection(expression)) return;
      context.report({ node: expression, message: `nobody handles its rejection: ${ADVICE}` });
    },
  };
}

function handlesRejection(node: Deno.lint.Expression): boolean {
  if (node.type === "AwaitExpression") return true;
  const method = calledMethod(node);
  return method === "catch" ||
    method === "then" && node.type === "CallExpression" && node.arguments.length === 2;
}

/** The name of the method that an expression calls; null: it calls none. */
function calledMethod(node: Deno.lint.Expression): string | null {
  if (node.type !== "CallExpression" || node.callee.type !== "MemberExpression") return null;
  const { property } = node.callee;
  return property.type === "Identifier" ? property.name : null;
}
