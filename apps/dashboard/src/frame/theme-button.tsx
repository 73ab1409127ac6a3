import { type ThemeChoice, chooseTheme, nextChoice, useThemeChoice } from '../theme/theme.ts';
import { MoonIcon, SunIcon, SystemIcon } from './icons.tsx';

const NAMES = { system: 'as the system', light: 'light', dark: 'dark' } as const satisfies Record<ThemeChoice, string>;
const ICONS = { system: SystemIcon, light: SunIcon, dark: MoonIcon } as const;

export function ThemeButton() {
  const choice = useThemeChoice();
  const next = nextChoice(choice);
  const label = `Colours: ${NAMES[choice]}. Change to ${NAMES[next]}.`;
  const ChoiceIcon = ICONS[choice];
  return (
    <button type="button" className="icon-button" aria-label={label} title={label} onClick={() => chooseTheme(next)}>
      <ChoiceIcon />
    </button>
  );
}
