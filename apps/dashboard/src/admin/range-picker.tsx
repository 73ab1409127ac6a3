import { RANGES, RANGE_NAMES, type RangeName } from './range.ts';

export function RangePicker({ range, onPick }: { range: RangeName; onPick: (range: RangeName) => void }) {
  return (
    <fieldset className="segmented">
      <legend className="visually-hidden">Range</legend>
      {RANGE_NAMES.map((name) => (
        <label key={name}>
          <input type="radio" name="range" value={name} checked={name === range} onChange={() => onPick(name)} />
          <span>{RANGES[name].label}</span>
        </label>
      ))}
    </fieldset>
  );
}
