/** VS Code language ids: `typescript`, `objective-cpp`, `c#`; a closed alphabet, as it becomes a metric dimension. */
export const LANGUAGE_ID = /^[A-Za-z0-9_+#.-]{1,40}$/;

/** Whether requests and events may name this language. */
export function isLanguageId(word: string): boolean {
  return LANGUAGE_ID.test(word);
}
