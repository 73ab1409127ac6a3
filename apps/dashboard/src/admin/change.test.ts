import { describe, expect, it } from 'vitest';
import { changeOfCount, changeOfLatency, changeOfRate } from './change.ts';
import { wilson } from './wilson.ts';

describe('the change of a rate', () => {
  it('is news only when it cannot be chance', () => {
    const few = changeOfRate(0.5, 0.25, wilson(4, 8), wilson(2, 8));
    expect(few).toEqual({ text: '25.0 pts', up: true, news: 'neutral' });
    const many = changeOfRate(0.5, 0.25, wilson(400, 800), wilson(200, 800));
    expect(many).toEqual({ text: '25.0 pts', up: true, news: 'good' });
    expect(changeOfRate(0.25, 0.5, wilson(200, 800), wilson(400, 800))?.news).toBe('bad');
  });
  it('does not exist without a rate in both periods', () => {
    expect(changeOfRate(0.5, null)).toBeUndefined();
    expect(changeOfRate(null, 0.5)).toBeUndefined();
  });
});

describe('the change of a latency', () => {
  it('is good when it fell, and not worth a colour below a twentieth', () => {
    expect(changeOfLatency(80, 100)).toEqual({ text: '20 ms', up: false, news: 'good' });
    expect(changeOfLatency(130, 100)?.news).toBe('bad');
    expect(changeOfLatency(102, 100)?.news).toBe('neutral');
    expect(changeOfLatency(100.2, 100)).toBeUndefined();
  });
});

describe('the change of a count', () => {
  it('is in percent of the period before, and never good or bad', () => {
    expect(changeOfCount(90, 120)).toEqual({ text: '25%', up: false, news: 'neutral' });
  });
  it('does not exist when there was nothing before, or nothing to tell', () => {
    expect(changeOfCount(5, 0)).toBeUndefined();
    expect(changeOfCount(1000, 1001)).toBeUndefined();
  });
});
