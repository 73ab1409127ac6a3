/** Other extensions that draw ghost text at the cursor: with two of them, VS Code shows now the one's and now the other's. */
const RIVALS: readonly (readonly [id: string, name: string])[] = [
  ['github.copilot', 'GitHub Copilot'],
  ['github.copilot-chat', 'GitHub Copilot'],
  ['tabbyml.vscode-tabby', 'Tabby'],
  ['sourcegraph.cody-ai', 'Cody'],
  ['continue.continue', 'Continue'],
  ['codeium.codeium', 'Windsurf'],
  ['tabnine.tabnine-vscode', 'Tabnine'],
  ['supermaven.supermaven', 'Supermaven'],
  ['ggml-org.llama-vscode', 'llama.vscode'],
  ['rjmacarthy.twinny', 'twinny'],
  ['amazonwebservices.amazon-q-vscode', 'Amazon Q'],
  ['google.geminicodeassist', 'Gemini Code Assist'],
  ['augment.vscode-augment', 'Augment'],
  ['kilocode.kilo-code', 'Kilo Code'],
  ['blackboxapp.blackbox', 'Blackbox'],
];

/** Settings with which their users say that another extension may complete code. Absent means that it does. */
const SWITCHES: Readonly<Record<string, (get: (setting: string) => unknown) => boolean>> = {
  'github.copilot': copilotCompletes,
  'github.copilot-chat': copilotCompletes,
  'continue.continue': (get) => get('continue.enableTabAutocomplete') !== false,
  'sourcegraph.cody-ai': (get) => get('cody.autocomplete.enabled') !== false,
};

function copilotCompletes(get: (setting: string) => unknown): boolean {
  const enable = get('github.copilot.enable');
  const everywhere = typeof enable === 'object' && enable !== null ? Object.entries(enable) : [];
  return !everywhere.some(([language, on]) => language === '*' && on === false);
}

/** The names of those that are active and not switched off, each once. `extensions` are all that this host knows. */
export function activeRivals(
  extensions: readonly { readonly id: string; readonly isActive: boolean }[],
  get: (setting: string) => unknown,
): string[] {
  const active = new Set(extensions.filter(({ isActive }) => isActive).map(({ id }) => id.toLowerCase()));
  const names = RIVALS.filter(([id]) => active.has(id) && (SWITCHES[id]?.(get) ?? true)).map(([, name]) => name);
  return [...new Set(names)];
}
