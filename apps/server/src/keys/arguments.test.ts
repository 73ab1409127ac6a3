import { describe, expect, it } from 'vitest';
import { KEYS_HELP, type KeysCommand, parseExpiry, parseKeysCommand } from './arguments.ts';

const NOW = Date.UTC(2026, 10, 21);
const parse = (line: string): KeysCommand => parseKeysCommand(line === '' ? [] : line.split(' '), NOW);
const WHO = '--org acme --team web --user alice';
const place = { config: undefined, dataDir: undefined };

describe('ghostline keys', () => {
  it.each(['', '--help', '-h', 'help', 'create --help', 'list -h', 'revoke --help'])('%s explains itself', (line) => {
    expect(parse(line)).toEqual({ kind: 'help' });
    expect(KEYS_HELP).toContain('keys <command>');
  });

  it('creates with defaults', () => {
    expect(parse(`create ${WHO}`)).toEqual({
      kind: 'create',
      place,
      key: {
        id: expect.stringMatching(/^alice-[a-z0-9]{4}$/),
        org: 'acme',
        team: 'web',
        user: 'alice',
        roles: ['developer'],
        expires: undefined,
      },
    });
  });

  it('creates as it is told', () => {
    const line = `create ${WHO} --role admin --role developer --role admin --id ci --expires 90d --config c.yaml --data-dir d`;
    expect(parse(line)).toEqual({
      kind: 'create',
      place: { config: 'c.yaml', dataDir: 'd' },
      key: {
        id: 'ci',
        org: 'acme',
        team: 'web',
        user: 'alice',
        roles: ['admin', 'developer'],
        expires: NOW + 90 * 86_400_000,
      },
    });
  });

  it('lists and revokes', () => {
    expect(parse('list')).toEqual({ kind: 'list', place, json: false });
    expect(parse('list --json --data-dir d')).toMatchObject({ json: true, place: { dataDir: 'd' } });
    expect(parse('revoke alice')).toEqual({ kind: 'revoke', place, id: 'alice' });
  });

  it.each([
    ['lsit', 'Did you mean "list"?'],
    ['delete', 'See ghostline keys --help.'],
    ['create --org acme --team web', '--user is missing'],
    [`create ${WHO} --org a/b`, '--org "a/b": must be'],
    [`create ${WHO} --role root`, '--role "root": expected developer or admin.'],
    [`create ${WHO} --expires soon`, '--expires "soon": expected a duration such as 90d'],
    [`create ${WHO} --expires 2026-11-20`, 'is in the past'],
    [`create ${WHO} --id ../x`, '--id "../x": must be'],
    [`create ${WHO} alice`, '"alice" has no place here; name the key with --id.'],
    [`create ${WHO} --rolle admin`, 'Did you mean --role?'],
    ['create --org', 'argument missing'],
    ['list alice', '"alice" has no place here'],
    ['list --josn', 'Did you mean --json?'],
    ['revoke', 'ghostline keys revoke ID'],
    ['revoke a b', '"b" is too many'],
    ['revoke --id a', 'Unknown option --id.'],
  ])('%s is told what is wrong', (line, expected) => {
    expect(parse(line)).toEqual({ kind: 'misuse', detail: expect.stringContaining(expected) });
  });
});

describe('the end of a key', () => {
  it.each([
    ['30s', NOW + 30_000],
    ['15m', NOW + 900_000],
    ['12h', NOW + 43_200_000],
    ['2w', NOW + 1_209_600_000],
    ['2027-01-31', Date.UTC(2027, 0, 31)],
    ['2027-01-31T18:00Z', Date.UTC(2027, 0, 31, 18)],
    ['2027-01-31T18:00:30+01:00', Date.UTC(2027, 0, 31, 17, 0, 30)],
  ])('%s', (text, expected) => expect(parseExpiry(text, NOW)).toBe(expected));

  it.each(['0d', '-1d', '1y', '90', 'd', '1.5h', '2027', '2027-13-01', '2027-01-31T18:00'])('is not %s', (text) => {
    expect(parseExpiry(text, NOW)).toContain(`"${text}"`);
  });
});
