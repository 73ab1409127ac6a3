import type { ReportInterval } from '@ghostline/protocol';
import { formatMoment } from '../format.ts';
import type { Moment } from './rows.ts';

export interface Column {
  readonly name: string;
  readonly text: (moment: Moment) => string;
}

/** What a chart over time draws, as figures. */
export function TimelineTable(props: {
  subject: string;
  timeline: readonly Moment[];
  interval: ReportInterval;
  columns: readonly Column[];
}) {
  const { subject, timeline, interval, columns } = props;
  return (
    <table>
      <caption className="visually-hidden">
        {subject} per {interval}
      </caption>
      <thead>
        <tr>
          <th scope="col">{interval === 'hour' ? 'Hour' : 'Day (UTC)'}</th>
          {columns.map(({ name }) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {timeline.map((moment) => (
          <tr key={moment.startMs}>
            <th scope="row">{formatMoment(moment.startMs, interval)}</th>
            {columns.map(({ name, text }) => (
              <td key={name}>{text(moment)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
