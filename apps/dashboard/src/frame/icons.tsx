import type { ReactNode } from 'react';

function Icon({ size = 16, children }: { size?: number; children: ReactNode }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

export const SunIcon = () => (
  <Icon>
    <circle cx="8" cy="8" r="2.75" />
    <path d="M8 1.5v1.25M8 13.25v1.25M1.5 8h1.25M13.25 8h1.25M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9" />
  </Icon>
);
export const MoonIcon = () => (
  <Icon>
    <path d="M13.5 9.6A5.75 5.75 0 0 1 6.4 2.5a5.75 5.75 0 1 0 7.1 7.1Z" />
  </Icon>
);
export const SystemIcon = () => (
  <Icon>
    <circle cx="8" cy="8" r="5.75" />
    <path d="M8 2.25a5.75 5.75 0 0 1 0 11.5Z" fill="currentColor" stroke="none" />
  </Icon>
);
export const InfoIcon = () => (
  <Icon size={14}>
    <circle cx="8" cy="8" r="6" />
    <path d="M8 7.4v3.4M8 5.2v.05" />
  </Icon>
);
export const WarningIcon = () => (
  <Icon size={18}>
    <path d="M8 2.2 14.4 13.3H1.6L8 2.2ZM8 6.6v3M8 11.5v.05" />
  </Icon>
);
export const KeyIcon = () => (
  <Icon size={18}>
    <circle cx="5.25" cy="10.75" r="3" />
    <path d="m7.4 8.6 6-6M11 5l2 2" />
  </Icon>
);
export const ArrowIcon = () => (
  <Icon size={14}>
    <path d="M3 8h10M9 4l4 4-4 4" />
  </Icon>
);
export const UpIcon = () => (
  <Icon size={12}>
    <path d="M8 12.5v-9M4 7.5l4-4 4 4" />
  </Icon>
);
export const DownIcon = () => (
  <Icon size={12}>
    <path d="M8 3.5v9M4 8.5l4 4 4-4" />
  </Icon>
);

/** A line, the cursor, and what may come after it. */
export const Logo = () => (
  <svg width="26" height="26" viewBox="0 0 24 24" aria-hidden="true">
    <rect className="logo-tile" width="24" height="24" rx="6" />
    <g className="logo-text">
      <rect x="4" y="10.75" width="6" height="2.5" rx="1.25" />
      <rect x="14.25" y="10.75" width="2.5" height="2.5" rx="1.25" opacity=".5" />
      <rect x="17.75" y="10.75" width="2.5" height="2.5" rx="1.25" opacity=".28" />
    </g>
    <rect className="logo-cursor" x="11.25" y="6" width="1.75" height="12" rx=".875" />
  </svg>
);
