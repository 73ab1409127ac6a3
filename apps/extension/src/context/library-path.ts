/** Folders that hold what package managers and language servers install; what follows names the library and its file. */
const LIBRARY_FOLDERS = [
  'node_modules',
  'site-packages',
  'dist-packages',
  'typeshed',
  'typeshed-fallback',
  'pkg/mod',
  'registry/src',
  'rustlib/src',
  '.m2/repository',
  'vendor/bundle',
];

/**
 * The path of a file of an installed library from its library folder on, so that no folder of this machine is in it;
 * undefined for other files.
 */
export function libraryPath(path: string): string | undefined {
  const starts = LIBRARY_FOLDERS.flatMap((folder) => {
    const at = path.lastIndexOf(`/${folder}/`);
    return at < 0 ? [] : [at + 1];
  });
  return starts.length === 0 ? undefined : path.slice(Math.max(...starts));
}
