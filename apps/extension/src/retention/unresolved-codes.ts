/**
 * What language servers say when a name does not resolve, as the source and code of their diagnostics. Not listed is what
 * says that a name exists but is used in a wrong way (as a type, without its types, before it has a value, from where it is
 * not visible): the table finds names that a model made up.
 */
export interface UnresolvedCodes {
  /** As `Diagnostic.source` says it. */
  readonly sources: readonly string[];
  readonly identifiers: readonly string[];
  readonly imports: readonly string[];
}

export const UNRESOLVED_CODES: readonly UnresolvedCodes[] = [
  {
    // TypeScript's diagnosticMessages.json. 2304, 2503, 2552, 2662, 2663: no such name or namespace; 2580–2584, 2591–2593: a
    // name of Node, a test runner, jQuery or a newer library that is not there; 2339, 2550, 2551: no such property; 2353,
    // 2561: an object literal with one; 2694: no such export of a namespace. 2305, 2614, 2724: no such export of a module;
    // 1192, 2613: no default export; 2306, 2307, 2732, 2792: no such module. 7016 is not one: the module is there, untyped.
    sources: ['ts', 'js', 'tsserver', 'ts-plugin', 'deno-ts', 'typescript'],
    identifiers: codes(
      '2304 2503 2552 2662 2663 2580 2581 2582 2583 2584 2591 2592 2593 2339 2550 2551 2353 2561 2694',
    ),
    imports: codes('2305 2614 2724 1192 2613 2306 2307 2732 2792'),
  },
  {
    // eslint, eslint-plugin-react, -vue, -import and its successor -import-x, -n and its predecessor -node.
    sources: ['eslint'],
    identifiers: codes('no-undef react/jsx-no-undef vue/no-undef-components vue/no-undef-properties'),
    imports: codes(
      'import/no-unresolved import/named import/default import/namespace import-x/no-unresolved',
      'import-x/named import-x/default import-x/namespace n/no-missing-import n/no-missing-require',
      'node/no-missing-import node/no-missing-require',
    ),
  },
  { sources: ['oxc'], identifiers: codes('eslint(no-undef)'), imports: codes('import(named) import(default)') },
  {
    sources: ['biome'],
    identifiers: codes('lint/correctness/noUndeclaredVariables'),
    imports: codes('lint/correctness/noUnresolvedImports'),
  },
  {
    // Pyright's configuration.md. reportMissingModuleSource is not one: its stubs say that the module exists.
    sources: ['Pylance', 'Pyright', 'basedpyright'],
    identifiers: codes('reportUndefinedVariable reportAttributeAccessIssue reportFunctionMemberAccess'),
    imports: codes('reportMissingImports'),
  },
  { sources: ['Mypy', 'mypy'], identifiers: codes('name-defined attr-defined'), imports: codes('import-not-found') },
  { sources: ['Ruff', 'Flake8', 'flake8'], identifiers: codes('F821 F822'), imports: [] },
  {
    sources: ['Pylint', 'pylint'],
    identifiers: codes('undefined-variable E0602 E0602:undefined-variable no-member E1101 E1101:no-member'),
    imports: codes('import-error E0401 E0401:import-error no-name-in-module E0611 E0611:no-name-in-module'),
  },
  {
    // go/types, internal/types/errors/codes.go, as gopls passes them on.
    sources: ['compiler'],
    identifiers: codes('UndeclaredName UndeclaredImportedName MissingFieldOrMethod MissingLitField'),
    imports: codes('BrokenImport'),
  },
  {
    // The error index of rustc, which rust-analyzer's own diagnostics use, too, but for three. E0405, E0412, E0422, E0425,
    // E0433, E0531: no such trait, type, struct, value, path, pattern; E0407, E0437, E0438, E0220, E0576, E0599: no such
    // member; E0026, E0559, E0560, E0609: no such field. E0432, E0463, E0583: no such item, crate, module file to import.
    sources: ['rustc', 'rust-analyzer'],
    identifiers: codes(
      'E0405 E0412 E0422 E0425 E0433 E0531 E0407 E0437 E0438 E0220 E0576 E0599 E0026 E0559 E0560 E0609',
      'unresolved-macro-call',
    ),
    imports: codes('E0432 E0463 E0583 unresolved-extern-crate unresolved-module'),
  },
  {
    // Clang's Diagnostic*Kinds.td, without `err_`, as clangd names them.
    sources: ['clang', 'clangd'],
    identifiers: codes(
      'undeclared_var_use undeclared_var_use_suggest undeclared_use undeclared_use_suggest',
      'unknown_typename unknown_typename_suggest unknown_type_or_class_name_suggest no_member',
      'no_member_suggest typename_nested_not_found no_template no_template_suggest',
      '-Wimplicit-function-declaration',
    ),
    imports: codes('pp_file_not_found pp_file_not_found_angled_include_not_fatal'),
  },
  // The C and C++ extension of Microsoft: undefined identifier, no member; a file that cannot be opened.
  { sources: ['C/C++'], identifiers: codes('20 135'), imports: codes('1696') },
  {
    // IProblem of Eclipse JDT: UndefinedType, UndefinedName, UndefinedField, UnresolvedVariable, UndefinedMethod;
    // ImportNotFound.
    sources: ['Java'],
    identifiers: codes('16777218 570425394 33554502 33554515 67108964'),
    imports: codes('268435846'),
  },
  {
    // Roslyn: no such name, type, member of a namespace, member, nested type.
    sources: ['csharp', 'C#', 'roslyn'],
    identifiers: codes('CS0103 CS0246 CS0234 CS1061 CS0117 CS0426'),
    imports: [],
  },
  {
    // Undefined variable, type, function, constant, class constant, method, property.
    sources: ['intelephense'],
    identifiers: codes('P1008 P1009 P1010 P1011 P1012 P1013 P1014'),
    imports: [],
  },
];

function codes(...lines: readonly string[]): string[] {
  return lines.flatMap((line) => line.split(' '));
}
