import type { PageTurn } from '../state/contract.ts';

/** A response of a chain's tree: its row, its column, and where its parent stands. */
export interface TreeNode {
  turn: PageTurn;
  row: number;
  column: number;
  parent?: { row: number; column: number };
  forks: number;
}

/**
 * A chain's tree as rows, the oldest first: a fork's first child goes on in its column, each other one takes a column of its own, to the
 * right, given back where its branch ends.
 */
export function treeOf(turns: Iterable<PageTurn>): TreeNode[] {
  const ordered = [...turns].sort((one, other) => one.at - other.at || (one.id < other.id ? -1 : 1));
  const children = new Map<string, number>();
  const known = new Set(ordered.map(turn => turn.id));
  for (const { parent } of ordered) if (parent && known.has(parent)) children.set(parent, (children.get(parent) ?? 0) + 1);
  const nodes = new Map<string, TreeNode>();
  const taken: (string | null)[] = []; // by column: the branch's newest response
  for (const [row, turn] of ordered.entries()) {
    const parent = turn.parent ? nodes.get(turn.parent) : undefined;
    let column = parent && taken[parent.column] === parent.turn.id ? parent.column : taken.findIndex(id => id === null);
    if (column < 0) column = taken.length;
    taken[column] = turn.id;
    const forks = children.get(turn.id) ?? 0;
    nodes.set(turn.id, { turn, row, column, forks, parent: parent && { row: parent.row, column: parent.column } });
    if (forks === 0) taken[column] = null;
  }
  return [...nodes.values()];
}

/** Every turn that is connected with this one, up and down. */
export function chainOf(turns: ReadonlyMap<string, PageTurn>, id: string): PageTurn[] {
  const children = new Map<string, string[]>();
  for (const turn of turns.values()) if (turn.parent) children.set(turn.parent, [...(children.get(turn.parent) ?? []), turn.id]);
  let root = id;
  const above = new Set<string>();
  for (let parent = turns.get(root)?.parent; parent && turns.has(parent) && !above.has(parent); parent = turns.get(root)?.parent) {
    above.add(root);
    root = parent;
  }
  const found = new Map<string, PageTurn>();
  const open = [root];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const turn = turns.get(next);
    if (!turn || found.has(next)) continue;
    found.set(next, turn);
    open.push(...(children.get(next) ?? []));
  }
  return [...found.values()];
}
