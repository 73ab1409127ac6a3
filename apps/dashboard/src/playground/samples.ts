import checkout from '../../samples/checkout.ts.txt?raw';
import pricing from '../../samples/pricing.ts.txt?raw';
import report from '../../samples/report.py.txt?raw';

/** A file of the playground, with a place to start typing and what to type there. */
export interface Sample {
  readonly path: string;
  readonly language: string;
  readonly text: string;
  readonly start: { readonly lineNumber: number; readonly indentation: string };
  readonly hint: string;
}

export const SAMPLES: readonly [Sample, ...Sample[]] = [
  {
    path: 'shop/checkout.ts',
    language: 'typescript',
    ...placeToStart(checkout, 'export function averageRevenue', '  '),
    hint: 'const total = ',
  },
  {
    path: 'shop/pricing.ts',
    language: 'typescript',
    ...placeToStart(pricing, 'export function grossTotal', '  '),
    hint: 'return ',
  },
  {
    path: 'shop/report.py',
    language: 'python',
    ...placeToStart(report, 'def revenue_by_customer', '    '),
    hint: 'totals: ',
  },
];

/** `text` with `indentation` on the empty line after the one that starts with `anchor`. */
function placeToStart(text: string, anchor: string, indentation: string): Pick<Sample, 'text' | 'start'> {
  const lines = text.split('\n');
  const index = lines.findIndex((line) => line.startsWith(anchor)) + 1;
  lines[index] = indentation;
  return { text: lines.join('\n'), start: { lineNumber: index + 1, indentation } };
}
