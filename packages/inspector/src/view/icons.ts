import type { KeystrokeKind } from '../kind.ts';

const SVG = 'http://www.w3.org/2000/svg';

/** On a grid of 16; each tells its kind by shape, without colour. */
const PATHS: Record<KeystrokeKind, string> = {
  // A cursor with text to come.
  shown: 'M3.75 2.5v11M7 8h3M13 8h1',
  // A circle with a stroke through it.
  'not-asked': 'M8 2.75a5.25 5.25 0 1 1 0 10.5a5.25 5.25 0 0 1 0-10.5M4.4 4.4l7.2 7.2',
  // An empty circle.
  nothing: 'M8 2.75a5.25 5.25 0 1 1 0 10.5a5.25 5.25 0 0 1 0-10.5',
  // Typed on: the next one.
  cancelled: 'M4 4l4 4l-4 4M9 4l4 4l-4 4',
  failed: 'M8 2.5 14.25 13.25H1.75L8 2.5ZM8 6.6v3M8 11.4v.05',
};

/** Decoration: what it says stands beside it in words. */
export function kindIcon(kind: KeystrokeKind): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  for (const [name, value] of Object.entries({
    class: 'gl-icon',
    'data-kind': kind,
    width: '16',
    height: '16',
    viewBox: '0 0 16 16',
    fill: 'none',
    stroke: 'currentColor',
    'stroke-width': '1.5',
    'stroke-linecap': 'round',
    'stroke-linejoin': 'round',
    'aria-hidden': 'true',
  })) {
    svg.setAttribute(name, value);
  }
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', PATHS[kind]);
  svg.append(path);
  return svg;
}
