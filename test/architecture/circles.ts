/** The circles of a graph, each as the way round it; one for each edge that closes one. */
export function findCircles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const circles: string[][] = [];
  const finished = new Set<string>();
  const way: string[] = [];

  function walk(node: string): void {
    if (finished.has(node)) return;
    const seenAt = way.indexOf(node);
    if (seenAt !== -1) {
      circles.push([...way.slice(seenAt), node]);
      return;
    }
    way.push(node);
    for (const next of graph.get(node) ?? []) walk(next);
    way.pop();
    finished.add(node);
  }

  for (const node of graph.keys()) walk(node);
  return circles;
}
