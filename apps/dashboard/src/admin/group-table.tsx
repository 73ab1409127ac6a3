import { useState } from 'react';
import { formatCount, formatInterval, formatMs, formatShare } from '../format.ts';
import { DownIcon, UpIcon } from '../frame/icons.tsx';
import { type Group, type SortColumn, type Sorting, nextSorting, sortGroups, unlisted } from './rows.ts';

interface GroupTableProps {
  dimension: 'language' | 'model';
  title: string;
  groups: readonly Group[];
  /** Shown suggestions of all groups together, the unlisted ones too. */
  total: number;
}

export function GroupTable({ dimension, title, groups, total }: GroupTableProps) {
  const [sorting, setSorting] = useState<Sorting>({ column: 'shown', descending: true });
  const rows = sortGroups(groups, sorting);
  const most = Math.max(1, ...groups.map((group) => group.shown));
  const hidden = unlisted(total, groups);
  const header = (column: SortColumn, label: string) => (
    <Header column={column} label={label} sorting={sorting} onSort={setSorting} />
  );
  return (
    <section className="panel table-panel">
      <div className="table-scroll">
        <table data-testid={`${dimension}-table`}>
          <caption>{title}</caption>
          <thead>
            <tr>
              {header('name', dimension === 'language' ? 'Language' : 'Model')}
              {header('shown', 'Shown')}
              {header('accepted', 'Accepted')}
              {header('rate', 'Rate')}
              {header('acceptedChars', 'Characters')}
              {header('p50Ms', 'p50')}
            </tr>
          </thead>
          <tbody>
            {rows.map((group) => (
              <tr key={group.name} data-testid={`${dimension}-row`} data-key={group.name}>
                <th scope="row">
                  <span className="group-name">{group.name}</span>
                  <VolumeBar shown={group.shown / most} accepted={group.accepted / most} />
                </th>
                <td data-testid="shown">{formatCount(group.shown)}</td>
                <td data-testid="accepted">{formatCount(group.accepted)}</td>
                <td data-testid="rate" className="rate-cell">
                  {formatShare(group.rate)}
                  {group.likely && <small title="95% Wilson interval">{formatInterval(group.likely)}</small>}
                </td>
                <td data-testid="accepted-chars">{formatCount(group.acceptedChars)}</td>
                <td data-testid="p50">{formatMs(group.p50Ms)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {hidden > 0 && (
        <p className="table-note">
          {formatCount(hidden)} more {hidden === 1 ? 'suggestion is' : 'suggestions are'} in the total only: groups of
          fewer than five people are not listed.
        </p>
      )}
    </section>
  );
}

/** How much of the largest group's volume this one is, and how much of it was accepted. */
function VolumeBar({ shown, accepted }: { shown: number; accepted: number }) {
  return (
    <svg className="volume" width="100%" height="4" aria-hidden="true">
      <rect className="volume-shown" width={`${shown * 100}%`} height="4" rx="2" />
      <rect className="volume-accepted" width={`${accepted * 100}%`} height="4" rx="2" />
    </svg>
  );
}

interface HeaderProps {
  column: SortColumn;
  label: string;
  sorting: Sorting;
  onSort: (sorting: Sorting) => void;
}

function Header({ column, label, sorting, onSort }: HeaderProps) {
  const active = sorting.column === column;
  const direction = sorting.descending ? 'descending' : 'ascending';
  return (
    <th scope="col" aria-sort={active ? direction : 'none'}>
      <button type="button" onClick={() => onSort(nextSorting(sorting, column))}>
        {label}
        <span className="sort-mark">{active && (sorting.descending ? <DownIcon /> : <UpIcon />)}</span>
      </button>
    </th>
  );
}
