import { describe, expect, it } from 'vitest';
import { type DiagnosticPlace, countUnresolved, kindOf } from './count-unresolved.ts';
import { UNRESOLVED_CODES } from './unresolved-codes.ts';

const at = (start: number, end: number, source: string, code: DiagnosticPlace['code']) => ({
  start,
  end,
  source,
  code,
});

describe('a diagnostic', () => {
  // As VS Code gives them: TypeScript numbers, Pylance, rustc and clangd with a link, the others strings.
  it.each([
    ['Cannot find name', 'ts', 2304, 'identifiers'],
    ['Property does not exist; did you mean', 'ts', 2551, 'identifiers'],
    ['Cannot find module', 'ts', 2307, 'imports'],
    ['Module has no exported member', 'ts', 2305, 'imports'],
    ['Module is there, but has no types', 'ts', 7016, undefined],
    ['Declared but never read', 'ts', 6133, undefined],
    ['is not defined', 'eslint', { value: 'no-undef' }, 'identifiers'],
    ['Unable to resolve path to module', 'eslint', { value: 'import/no-unresolved' }, 'imports'],
    ['"x" is not defined', 'Pylance', { value: 'reportUndefinedVariable' }, 'identifiers'],
    ['Import "x" could not be resolved', 'Pylance', { value: 'reportMissingImports' }, 'imports'],
    ['Import resolved from a stub only', 'Pylance', { value: 'reportMissingModuleSource' }, undefined],
    ['undefined: x', 'compiler', { value: 'UndeclaredName' }, 'identifiers'],
    ['could not import', 'compiler', { value: 'BrokenImport' }, 'imports'],
    ['declared and not used', 'compiler', { value: 'UnusedVar' }, undefined],
    ['cannot find value in this scope', 'rustc', { value: 'E0425' }, 'identifiers'],
    ['unresolved import', 'rust-analyzer', { value: 'E0432' }, 'imports'],
    ['mismatched types', 'rustc', { value: 'E0308' }, undefined],
    ['Use of undeclared identifier', 'clang', { value: 'undeclared_var_use' }, 'identifiers'],
    ['file not found', 'clang', 'pp_file_not_found', 'imports'],
    ['identifier is undefined', 'C/C++', 20, 'identifiers'],
    ['x cannot be resolved to a type', 'Java', '16777218', 'identifiers'],
    ['The import x cannot be resolved', 'Java', '268435846', 'imports'],
    ['The name does not exist in the current context', 'csharp', 'CS0103', 'identifiers'],
    ['a spelling checker', 'cSpell', undefined, undefined],
    ['a code of another source', 'cSpell', 2304, undefined],
  ] as const)('%s (%s) is known for what it is', (_, source, code, kind) => {
    expect(kindOf({ source, code })).toBe(kind);
  });

  it('has one meaning for each source and code', () => {
    const all = UNRESOLVED_CODES.flatMap(({ sources, identifiers, imports }) =>
      sources.flatMap((source) => [...identifiers, ...imports].map((code) => `${source} ${code}`)),
    );
    expect(new Set(all).size).toBe(all.length);
  });
});

describe('counting', () => {
  it('takes what lies within the range only, up to its edges', () => {
    const diagnostics = [
      at(9, 12, 'ts', 2304),
      at(10, 12, 'ts', 2304),
      at(15, 20, 'ts', 2339),
      at(18, 21, 'ts', 2304),
      at(12, 14, 'ts', 2307),
      at(13, 14, 'ts', 6133),
    ];
    expect(countUnresolved(diagnostics, { start: 10, end: 20 })).toEqual({ identifiers: 2, imports: 1 });
  });

  it('counts a place once of which two servers say the same', () => {
    const both = [at(0, 3, 'ts', 2304), at(0, 3, 'eslint', { value: 'no-undef' }), at(4, 7, 'ts', 2304)];
    expect(countUnresolved(both, { start: 0, end: 10 })).toEqual({ identifiers: 2, imports: 0 });
  });

  it('is nothing where there is nothing', () => {
    expect(countUnresolved([], { start: 0, end: 10 })).toEqual({ identifiers: 0, imports: 0 });
  });
});
