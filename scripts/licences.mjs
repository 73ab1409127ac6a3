/** Licences under which the program may be passed on with its dependencies inside, and nothing asked in return but their names. */
const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  // Fonts, which may be bundled but not sold alone.
  'OFL-1.1',
  // Python's, of what was carried over from it.
  'PSF-2.0',
  'Python-2.0',
  'Unlicense',
  'Zlib',
]);

/**
 * Whether an SPDX expression, as in a manifest's `license`, leaves a choice that is allowed: `(MIT OR GPL-3.0-or-later)` does,
 * `MIT AND GPL-3.0-only` does not. Without one, or in a form that is not understood, it does not.
 */
export function isAllowedLicence(expression) {
  if (typeof expression !== 'string') return false;
  const tokens = expression.match(/\(|\)|[^\s()]+/g) ?? [];
  let at = 0;
  const any = () => {
    let allowed = all();
    while (tokens[at] === 'OR') {
      at += 1;
      allowed = all() || allowed;
    }
    return allowed;
  };
  const all = () => {
    let allowed = one();
    while (tokens[at] === 'AND') {
      at += 1;
      allowed = one() && allowed;
    }
    return allowed;
  };
  const one = () => {
    const token = tokens[at++];
    if (token !== '(') return ALLOWED.has(token);
    const allowed = any();
    return tokens[at++] === ')' && allowed;
  };
  return any() && at === tokens.length;
}
