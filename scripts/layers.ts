import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The floors of the program, top to bottom. Imports stay within a folder or point to a lower floor. */
export const FLOORS: readonly (readonly string[])[] = [
  ["main.ts"],
  ["lib/modes/"],
  ["lib/hub/"],
  [
    "lib/http/",
    "lib/tools/",
    "lib/agent/",
    "lib/cli/",
    "lib/metrics/",
    "lib/audit/",
    "lib/history/",
  ],
  ["lib/config/"],
  ["lib/fleet/"],
  ["lib/work/"],
  ["lib/approvals/"],
  ["lib/targets/"],
  ["lib/outputs/"],
  ["lib/mcp/", "lib/shell/"],
  ["lib/calls/"],
  ["lib/shared/"],
  ["lib/nats/"],
  ["lib/base/"],
  ["deno.json"],
];

/** What only some files of the program may use. */
const SOLE_USERS: readonly {
  readonly user: string;
  /** Properties of `Deno`. */
  readonly apis: readonly string[];
  /** Modules that do the same. */
  readonly modules: readonly string[];
}[] = [
  {
    user: "main.ts",
    apis: ["args", "exit", "exitCode", "addSignalListener", "removeSignalListener"],
    modules: ["node:process"],
  },
  { user: "lib/base/process.ts", apis: ["Command"], modules: ["node:child_process"] },
  { user: "lib/http/listen.ts", apis: ["serve"], modules: ["node:http"] },
];

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The project's own lint rules: who may import whom, and who may use what of Deno. */
const plugin: Deno.lint.Plugin = {
  name: "layers",
  rules: {
    "imports-point-down": { create: checkImports },
    "sole-users": { create: checkSoleUsers },
  },
};
export default plugin;

function checkImports(context: Deno.lint.RuleContext): Deno.lint.LintVisitor {
  const file = projectPath(context.filename);
  if (!isProgram(file)) return {};
  return visitImports((node, specifier) => {
    const message = specifier === null
      ? "import() of a computed path cannot be checked: write the path out"
      : findImportFault(file, specifier);
    if (message !== null) context.report({ node, message });
  });
}

function checkSoleUsers(context: Deno.lint.RuleContext): Deno.lint.LintVisitor {
  const file = projectPath(context.filename);
  if (!isProgram(file)) return {};
  const foreign = SOLE_USERS.filter(({ user }) => !file.startsWith(user));
  const check = (node: Deno.lint.Node, api: string | null) => {
    const user = foreign.find(({ apis }) => apis.some((name) => name === api))?.user;
    if (user !== undefined) context.report({ node, message: `only ${user} uses Deno.${api}` });
  };
  return {
    ...visitImports((node, specifier) => {
      const user = foreign.find(({ modules }) => modules.some((name) => name === specifier))?.user;
      if (user !== undefined) {
        context.report({ node, message: `only ${user} imports ${specifier}` });
      }
    }),
    MemberExpression(node) {
      if (isDeno(node.object)) check(node, propertyName(node));
    },
    VariableDeclarator(node) {
      if (node.id.type !== "ObjectPattern" || !isDeno(node.init)) return;
      for (const property of node.id.properties) {
        if (property.type === "Property") check(property, propertyName(property));
      }
    },
  };
}

/** Why a file may not import what a specifier names; null: it may. */
function findImportFault(file: string, specifier: string): string | null {
  if (!/^\.{0,2}\//.test(specifier)) return null;
  const target = join(dirname(file), specifier);
  const [from, to] = [findPlace(file), findPlace(target)];
  if (to === null && !isProgram(target)) {
    return `${file} imports ${target}, which is not part of the program`;
  }
  if (from === null || to === null) {
    return `${from === null ? file : target} is on no floor: name it in scripts/layers.ts`;
  }
  if (from.folder === to.folder || from.floor < to.floor) return null;
  return `${file} imports ${target}: imports point down, and this points ` +
    (from.floor === to.floor ? "sideways" : "up");
}

function findPlace(file: string): { readonly floor: number; readonly folder: string } | null {
  for (const [floor, folders] of FLOORS.entries()) {
    const folder = folders.find((start) => file.startsWith(start));
    if (folder !== undefined) return { floor, folder };
  }
  return null;
}

/** Visits what a file imports in any form; the specifier is null where it is computed. */
function visitImports(
  visit: (node: Deno.lint.Node, specifier: string | null) => void,
): Deno.lint.LintVisitor {
  return {
    ImportDeclaration: (node) => visit(node, node.source.value),
    ExportAllDeclaration: (node) => visit(node, node.source.value),
    ExportNamedDeclaration: (node) => node.source && visit(node, node.source.value),
    ImportExpression: (node) => visit(node, literalText(node.source)),
    TSImportType: (node) => visit(node, literalText(node.argument)),
  };
}

/** The path from the project's root, with `/`; one outside starts with `../`. */
function projectPath(path: string): string {
  return relative(ROOT, path).replaceAll("\\", "/");
}

function isProgram(file: string): boolean {
  return file === "main.ts" || file === "deno.json" || file.startsWith("lib/");
}

function isDeno(node: Deno.lint.Node | null): boolean {
  if (node?.type === "Identifier") return node.name === "Deno";
  return node?.type === "MemberExpression" && propertyName(node) === "Deno";
}

function propertyName(node: Deno.lint.MemberExpression | Deno.lint.Property): string | null {
  const key = node.type === "Property" ? node.key : node.property;
  if (key.type === "Identifier" && !node.computed) return key.name;
  return literalText(key);
}

function literalText(node: Deno.lint.Node): string | null {
  if (node.type === "TSLiteralType") return literalText(node.literal);
  return node.type === "Literal" && typeof node.value === "string" ? node.value : null;
}
