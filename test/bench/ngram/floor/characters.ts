/** Character classes by UTF-16 unit: rough on purpose, as they only decide where a token may begin or end. */

/** Part of an identifier in most languages. Everything beyond ASCII counts, so that surrogate pairs are never parted. */
export function isWordUnit(unit: number): boolean {
  return isLetterUnit(unit) || (unit >= 0x30 && unit <= 0x39);
}

/** A word unit that says something: digits repeat everywhere. */
export function isLetterUnit(unit: number): boolean {
  const lower = unit | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || unit === 0x5f || unit === 0x24 || unit > 0x7f;
}

export function isBlankUnit(unit: number): boolean {
  return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d);
}

export function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
