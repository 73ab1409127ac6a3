import { describe, expect, it } from 'vitest';
import { trustedRegions } from './trusted.ts';

const own = { name: 'eu', url: null, health: 'ok' } as const;
const other = (url: string, name = 'us') => ({ name, url, health: 'ok' }) as const;
const names = (home: string, url: string) => trustedRegions(home, [own, other(url)]).others.map((region) => region.url);

describe('a list of regions', () => {
  it('tells how the server calls its own region, and where the others are', () => {
    expect(trustedRegions('https://eu.example.com/', [own, other('https://us.example.com/ai/?x#y')])).toEqual({
      home: { name: 'eu', health: 'ok' },
      others: [{ name: 'us', url: 'https://us.example.com/ai', health: 'ok' }],
      refused: [],
    });
  });

  it('does not name the own region twice, by its address or by its name', () => {
    const list = [own, other('https://eu.example.com', 'eu-direct'), other('https://10.0.0.1', 'eu')];
    expect(trustedRegions('https://eu.example.com', list).others).toEqual([]);
    const byAddress = [other('https://eu.example.com/', 'eu'), other('https://us.example.com')];
    expect(trustedRegions('https://eu.example.com', byAddress)).toMatchObject({
      home: { name: 'eu' },
      others: [{ name: 'us' }],
    });
  });

  it.each([
    ['https://eu.example.com', 'http://us.example.com', 'not reached over https'],
    ['http://127.0.0.1:4700', 'http://us.example.com', 'not reached over https'],
    ['http://ghostline.lan', 'https://us.example.com', 'not asked over https'],
    ['http://127.0.0.1.evil.example', 'https://us.example.com', 'not asked over https'],
    ['https://eu.example.com', 'http://127.0.0.1:4701', 'an address of this machine'],
    ['https://eu.example.com', 'https://localhost:4701', 'an address of this machine'],
    ['https://eu.example.com', 'https://user:secret@us.example.com', 'not a plain URL'],
    ['https://eu.example.com', 'ftp://us.example.com', 'not reached over https'],
    ['https://eu.example.com', 'us.example.com', 'not a plain URL'],
  ])('served by %s does not lead to %s', (home, url, why) => {
    const { others, refused } = trustedRegions(home, [own, other(url)]);
    expect(others).toEqual([]);
    expect(refused).toHaveLength(1);
    expect(refused[0]).toContain('Region us is not used');
    expect(refused[0]).toContain(why);
  });

  it('may lead from this machine to this machine, or over https anywhere', () => {
    expect(names('http://127.0.0.1:4700', 'http://localhost:4701')).toEqual(['http://localhost:4701']);
    expect(names('http://[::1]:4700', 'https://us.example.com')).toEqual(['https://us.example.com']);
  });

  it('is bounded, and its names are what a status bar can show', () => {
    const many = Array.from({ length: 50 }, (_, index) => other(`https://r${index}.example.com`, `r${index}`));
    expect(trustedRegions('https://eu.example.com', many).others).toHaveLength(16);
    const odd = trustedRegions('https://eu.example.com', [other('https://us.example.com', '$(alert) pwned')]);
    expect(odd).toEqual({ home: undefined, others: [], refused: [] });
  });
});
