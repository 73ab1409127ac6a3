import type { Node } from 'web-tree-sitter';
import type { Scope } from '../code-scanner.ts';

/**
 * What the names of nodes tell, for all grammars at once: they follow the same habits, and the golden cases hold them to
 * it. Anonymous nodes are named as the text they stand for.
 */
const COMMENT = /comment$/;
const STRING =
  /^(?:template_)?string$|^(?:interpreted_|raw_|verbatim_|expandable_|interpolated_)?string(?:_literal|_expression|_value)?$|_string(?:_literal)?$|string_literal$|heredoc_body|^heredoc$|nowdoc|^regex|_regex$|character_literal|char_literal|rune_literal|here_string|verbatim_string_characters/;
const NO_STRING = /^(?:concatenated_string|chained_string)$/;
const INTERPOLATION =
  /^(?:template_substitution|interpolation|command_substitution|process_substitution|expansion|sub_expression)$/;

/** A pair of brackets, or words, around statements, declarations or rules. */
const BODY =
  /body|block|declaration_list|compound_statement|variant_list|accessor_list|enumerator_list|_statement$|function|method|^class$|^module$|^interface_type$|object_type|^namespace|^program$|^source_file$|statement_list|global_statement/;

/** What a node makes of the characters between its ends, if that is not for its parents to say. */
export function scopeOf(node: Node): Scope | undefined {
  const { type } = node;
  if (INTERPOLATION.test(type)) return 'code';
  if (COMMENT.test(type) && node.isNamed) return 'comment';
  if (STRING.test(type) && !NO_STRING.test(type) && node.isNamed) return isDocstring(node) ? 'comment' : 'string';
  return undefined;
}

export function isComment(node: Node): boolean {
  return scopeOf(node) === 'comment';
}

export function holdsStatements(node: Node): boolean {
  return BODY.test(node.type);
}

/** A string that is a statement by itself: Python's grammar alone has them with a part of this name. */
function isDocstring(node: Node): boolean {
  if (node.type !== 'string' || node.parent?.type !== 'expression_statement') return false;
  return node.parent.childCount === 1 && /"""|'''/.test(node.firstChild?.text ?? '');
}

export function ancestorsOf(node: Node | null): readonly Node[] {
  const found: Node[] = [];
  for (let at = node; at; at = at.parent) found.push(at);
  return found;
}
