import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync, Visitor } from "oxc-parser";
import { root } from "../packages.ts";

type Node = { readonly type: string } & Record<string, unknown>;

/** Reasons travel under these names: parameters, variables and properties. */
const carriers: ReadonlySet<string> = new Set(["reason", "why", "obstacle"]);
const files = globSync("packages/{*,*/*}/src/**/*.ts", { cwd: root }).filter((file) => !/testkit/.test(file));
const programs = files.map((file) => parseSync(file, readFileSync(join(root, file), "utf8")).program);

/** Where functions take a reason: name → positions. `AuthError` is one by its constructor, `error` is what `refused` is handed. */
const takers = new Map<string, Set<number>>([
  ["AuthError", new Set([1])],
  ["error", new Set([1])],
]);
/** What functions may return, if somebody uses it as a reason. */
const returns = new Map<string, unknown[]>();

/** The eight, without their common beginning. */
export const codes: readonly string[] = [
  ...readFileSync(join(root, "packages/core/src/errors.ts"), "utf8").matchAll(/^ {2}\| "ERR_AUTH_(\w+)"/gm),
].map(([, code = ""]) => code);
/** `"ERR_AUTH_DENIED"`, or `"DENIED"` where core says it shorter. */
const codeOf = (node: unknown): string | undefined => {
  const { value } = (node ?? {}) as Node;
  return codes.find((code) => value === code || value === `ERR_AUTH_${code}`);
};

/** Every reason, and the codes that stand beside it; a helper that adds the code leaves none. */
export function reasonsInCode(): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const asked = new Set<string>();
  const add = (node: unknown, code?: string): void => {
    const { type, value, ...rest } = (node ?? {}) as Node;
    if (type === "Literal" && typeof value === "string" && /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(value))
      found.set(value, (found.get(value) ?? new Set()).add(code ?? ""));
    // What a condition, a default or a call may come to.
    if (/^(Conditional|Logical|Parenthesized)Expression$/.test(type))
      for (const key of ["consequent", "alternate", "left", "right", "expression"]) add(rest[key], code);
    const called = type === "CallExpression" ? nameOf(rest["callee"]) : undefined;
    // A function may return what it itself, or another of its name, returns: each is asked once.
    const question = `${called} ${code}`;
    if (called === undefined || asked.has(question)) return;
    asked.add(question);
    for (const result of returns.get(called) ?? []) add(result, code);
  };
  const declare = (name: string | undefined, fn: Node | null): void => {
    const at = ((fn?.["params"] ?? []) as Node[]).findIndex((param) => nameOf(param) === "reason");
    if (name !== undefined && at >= 0) takers.set(name, (takers.get(name) ?? new Set()).add(at));
  };
  const call = ({ callee, arguments: args }: { callee: unknown; arguments: unknown[] }): void => {
    for (const at of takers.get(nameOf(callee) ?? "") ?? []) add(args[at], codeOf(args[at - 1]));
  };
  const named = (key: unknown, value: unknown): void => {
    if (carriers.has(nameOf(key) ?? "")) add(value);
  };
  let inside: string | undefined;
  const declarations = new Visitor({
    FunctionDeclaration(node) {
      inside = node.id?.name;
      declare(inside, node as unknown as Node);
    },
    VariableDeclarator: (node) => declare(nameOf(node.id), node.init as unknown as Node),
    ReturnStatement({ argument }) {
      if (inside !== undefined) returns.set(inside, [...(returns.get(inside) ?? []), argument]);
    },
  });
  const uses = new Visitor({
    CallExpression: call,
    NewExpression: call,
    Property: ({ key, value }) => named(key, value),
    VariableDeclarator: ({ id, init }) => named(id, init),
    AssignmentExpression: ({ left, right }) => named(left, right),
    AssignmentPattern: ({ left, right }) => named(left, right),
    // Tables are rows of code, reason and advice.
    ArrayExpression: ({ elements }) => codeOf(elements[0]) && add(elements[1], codeOf(elements[0])),
  });
  for (const program of programs) declarations.visit(program);
  for (const program of programs) uses.visit(program);
  return found;
}

/** `f`, `x.f` and `f = …` are all called f. */
function nameOf(node: unknown): string | undefined {
  const { type, name, property, left } = (node ?? {}) as Node;
  if (type === "Identifier") return name as string;
  if (type === "MemberExpression") return nameOf(property);
  return type === "AssignmentPattern" ? nameOf(left) : undefined;
}
