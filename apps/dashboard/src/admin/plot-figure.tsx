import { type ReactNode, useLayoutEffect, useRef } from 'react';

interface PlotFigureProps {
  title: string;
  legend: readonly { label: string; mark: string }[];
  /** What the chart shows, for those who do not see it; the figures themselves are in `table`. */
  description: string;
  /** A new function draws anew: memoise it on its data. */
  draw: (width: number) => readonly Element[];
  table: ReactNode;
}

/** A chart that fills its panel's width, with its legend and its figures as a table. */
export function PlotFigure({ title, legend, description, draw, table }: PlotFigureProps) {
  const canvas = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = canvas.current!;
    let drawn = 0;
    const redraw = () => {
      const width = Math.floor(element.clientWidth);
      if (width === drawn || width === 0) return;
      drawn = width;
      element.replaceChildren(...draw(width));
    };
    redraw();
    const observer = new ResizeObserver(redraw);
    observer.observe(element);
    return () => observer.disconnect();
  }, [draw]);
  return (
    <section className="panel chart-panel" aria-label={title}>
      <div className="chart-head">
        <h2>{title}</h2>
        <ul className="legend" aria-hidden="true">
          {legend.map(({ label, mark }) => (
            <li key={label}>
              <i className={`mark mark-${mark}`} />
              {label}
            </li>
          ))}
        </ul>
      </div>
      <div className="chart" role="img" aria-label={description} ref={canvas} />
      <details className="chart-figures">
        <summary>Show as a table</summary>
        <div className="table-scroll">{table}</div>
      </details>
    </section>
  );
}
