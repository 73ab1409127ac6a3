import type { ReactNode } from 'react';
import { HealthMenu } from './health-menu.tsx';
import { Logo } from './icons.tsx';
import { ThemeButton } from './theme-button.tsx';

const PAGES = [
  { path: '/admin/', name: 'Acceptance' },
  { path: '/playground/', name: 'Playground' },
] as const;

/** What both pages share: the bar on top, and the way to the other page. */
export function Frame({ page, children }: { page: (typeof PAGES)[number]['name']; children: ReactNode }) {
  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <header className="bar">
        <a className="brand" href="/admin/" aria-label="Ghostline">
          <Logo />
          <span>Ghostline</span>
        </a>
        <nav aria-label="Pages">
          {PAGES.map(({ path, name }) => (
            <a key={path} href={path} aria-current={name === page ? 'page' : undefined}>
              {name}
            </a>
          ))}
        </nav>
        <div className="bar-end">
          <HealthMenu />
          <ThemeButton />
        </div>
      </header>
      {children}
    </>
  );
}
