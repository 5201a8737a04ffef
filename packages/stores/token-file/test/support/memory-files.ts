import type { Files } from "../../src/system.ts";
import { systemError } from "./stepping-files.ts";

interface Inode {
  readonly number: number;
  content: Buffer;
  mtimeMs: number;
}

/**
 * The little of POSIX that locks need, in memory: exclusive creation, links, and files that live on while they are open. For
 * tests that play so many games that a disk would take minutes; the same tests play some on the real one.
 */
export function memoryFiles(): Files & { names(): string[] } {
  const names = new Map<string, Inode>();
  let inodes = 0;

  const found = (path: string): Inode => {
    const inode = names.get(path);
    if (!inode) throw systemError("ENOENT");
    return inode;
  };
  const vacant = (path: string): void => {
    if (names.has(path)) throw systemError("EEXIST");
  };
  const handleOf = (inode: Inode): object => ({
    stat: async () => ({ isFile: () => true, ino: inode.number, mtimeMs: inode.mtimeMs }),
    read: async (buffer: Buffer) => ({ buffer, bytesRead: inode.content.copy(buffer) }),
    write: async (text: string) => {
      inode.content = Buffer.from(text);
    },
    utimes: async (_: Date, modified: Date) => {
      inode.mtimeMs = modified.getTime();
    },
    close: async () => {},
  });

  const files = {
    names: () => [...names.keys()].map((path) => path.slice(1)),
    async open(path: string, _flags: number, mode?: number) {
      if (mode === undefined) return handleOf(found(path));
      vacant(path); // what is created here is always created exclusively
      const inode: Inode = { number: ++inodes, content: Buffer.alloc(0), mtimeMs: 0 };
      names.set(path, inode);
      return handleOf(inode);
    },
    async link(from: string, to: string) {
      const inode = found(from);
      vacant(to);
      names.set(to, inode);
    },
    async unlink(path: string) {
      found(path);
      names.delete(path);
    },
    readdir: async () => [...names.keys()].map((path) => path.slice(1)),
    lstat: async (path: string) => ({ ino: found(path).number }),
  };
  return files as unknown as Files & { names(): string[] };
}
