import type { Manifest } from "./packages.ts";

/** Our packages start at a major version that nobody else's packages of these names have: docs/decisions/0014. */
const firstMajor = 100;

/** What of a manifest could be satisfied by a package of the same name that is not ours. */
export function foreign(manifest: Manifest, scope: string): string[] {
  const { name, version, dependencies, peerDependencies, optionalDependencies } = manifest;
  const asked = Object.entries({ ...dependencies, ...peerDependencies, ...optionalDependencies });
  return [
    ...(majorOf(version) >= firstMajor ? [] : [`${name} is ${version}`]),
    ...asked
      // pnpm makes the one the other when it packs: the caret of a version that is ours.
      .filter(([other, range]) => other.startsWith(`${scope}/`) && range !== "workspace:^" && !ours(range))
      .map(([other, range]) => `${name} asks for ${other} ${range}`),
  ];
}

const majorOf = (version: string): number => Number(/^(\d+)\.\d+\.\d+/.exec(version)?.[1] ?? 0);

const ours = (range: string): boolean => range.startsWith("^") && majorOf(range.slice(1)) >= firstMajor;
