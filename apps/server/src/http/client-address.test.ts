import { describe, expect, it } from 'vitest';
import { createClientAddress } from './client-address.ts';

describe('the address of a client', () => {
  it('is that of its connection; nobody can write another one into a header', () => {
    const addressOf = createClientAddress([]);
    expect(addressOf('192.0.2.1', '198.51.100.7')).toBe('192.0.2.1');
    expect(addressOf(undefined, undefined)).toBe('unknown');
    expect(createClientAddress(['10.0.0.0/8'])('192.0.2.1', '198.51.100.7')).toBe('192.0.2.1');
  });

  const behind = createClientAddress(['10.0.0.0/8', '127.0.0.1', 'fd00::/8']);

  it('is what a trusted proxy forwards for', () => {
    expect(behind('10.1.2.3', '198.51.100.7')).toBe('198.51.100.7');
    expect(behind('::ffff:10.1.2.3', '198.51.100.7')).toBe('198.51.100.7');
    expect(behind('fd00::1', '2001:db8::7')).toBe('2001:db8::7');
    expect(behind('127.0.0.1', ' 198.51.100.7 ')).toBe('198.51.100.7');
  });

  it('is the last that no trusted proxy has: what stands before it is anybody’s word', () => {
    expect(behind('10.1.2.3', '1.1.1.1, 198.51.100.7, 10.9.9.9')).toBe('198.51.100.7');
    expect(behind('10.1.2.3', '127.0.0.1, 198.51.100.7')).toBe('198.51.100.7');
  });

  it('is the outermost proxy when all are trusted, or the header is missing or nonsense', () => {
    expect(behind('10.1.2.3', '10.4.4.4, 10.5.5.5')).toBe('10.4.4.4');
    expect(behind('10.1.2.3', undefined)).toBe('10.1.2.3');
    expect(behind('10.1.2.3', '')).toBe('10.1.2.3');
    expect(behind('10.1.2.3', 'unknown')).toBe('10.1.2.3');
    expect(behind('10.1.2.3', '198.51.100.7, _hidden, 10.5.5.5')).toBe('10.5.5.5');
  });

  it('is read with the ports that some proxies add', () => {
    expect(behind('10.1.2.3', '198.51.100.7:4711')).toBe('198.51.100.7');
    expect(behind('10.1.2.3', '[2001:db8::7]:4711')).toBe('2001:db8::7');
    expect(behind('10.1.2.3', '[2001:db8::7]')).toBe('2001:db8::7');
  });
});
