/**
 * Names files by number, in the order in which they are met: the same path gets the same name. Of the path only its ending
 * remains, and only one that says nothing but the language.
 */
export function createPseudonyms(): (path: string) => string {
  const names = new Map<string, string>();
  return (path) => {
    const known = names.get(path);
    if (known !== undefined) return known;
    const ending = /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase();
    const name = `file-${names.size + 1}${ending !== undefined && ENDINGS.has(ending) ? `.${ending}` : ''}`;
    names.set(path, name);
    return name;
  };
}

const ENDINGS: ReadonlySet<string> = new Set(
  (
    'bash c cc cjs clj cpp cs css cts cxx dart ex exs go graphql h hpp hs html java jl js json jsx kt kts less lua m ' +
    'md mjs ml mm mts php pl proto ps1 py r rb rs scala scss sh sol sql svelte swift tf toml ts tsx vue xml yaml yml zig'
  ).split(' '),
);
