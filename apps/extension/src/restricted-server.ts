/**
 * Whether a settings file names a server. VS Code does not tell an extension what an untrusted workspace would set, so its
 * file is read; as text, as it may have comments and commas that JSON has not.
 */
export function namesServer(settingsFile: string): boolean {
  const withoutComments = settingsFile.replaceAll(/"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (part) =>
    part.startsWith('"') ? part : '',
  );
  return /"ghostline\.serverUrl"\s*:/.test(withoutComments);
}
