import { describe, expect, it } from 'vitest';
import { containsPlaceholder, redactSecrets } from './index.ts';
import { ownRules } from './own-rules.ts';
import { generatedRules } from './rules.generated.ts';

// Put together here, so that no scanner takes this file for a leak.
const fake = (prefix: string, length: number) => prefix + 'aB3dE5fG7hJ9kL2mN4pQ6rS8tU0vW1xY'.repeat(8).slice(0, length);
const jwt = `${fake('eyJ', 30)}.${fake('eyJ', 60)}.${fake('', 43)}`;
const pemLine = fake('MIIE', 60);
const pem = `-----BEGIN RSA PRIVATE ${'KEY'}-----\n${pemLine}\n${pemLine}\nab==\n-----END RSA PRIVATE ${'KEY'}-----`;

const SECRETS: readonly (readonly [string, string])[] = [
  ['AWS access key id', `AKIA${'IOSFODNN7EXAMPLE'}`],
  ['GitHub token', fake('ghp_', 36)],
  ['GitHub fine-grained token', fake('github_pat_', 40)],
  ['GitLab token', fake('glpat-', 20)],
  ['Slack token', fake('xoxb-', 30)],
  ['Stripe key', fake('sk_live_', 24)],
  ['OpenAI key', fake('sk-proj-', 48)],
  ['Anthropic key', fake('sk-ant-api03-', 60)],
  ['npm token', fake('npm_', 36)],
  ['JSON web token', jwt],
  ['Ghostline API key', fake('gl_', 43)],
  ['Google API key', fake('AIza', 35)],
  ['Hugging Face token', fake('hf_', 34)],
];

describe('redactSecrets', () => {
  it.each(SECRETS)('overwrites a bare %s', (_name, secret) => {
    for (const [before, after] of [
      ['x(', ');'],
      ['curl -H "Authorization: Bearer ', '" api'],
      ['', ''],
      ['KEY=', '\nNEXT=1'],
    ] as const) {
      const { text, count } = redactSecrets(before + secret + after);
      expect(count).toBe(1);
      expect(text.startsWith(before)).toBe(true);
      expect(text.endsWith(after)).toBe(true);
      expect(text).toHaveLength(before.length + secret.length + after.length);
      expect(text).not.toContain(secret.slice(4, 14));
      expect(containsPlaceholder(text)).toBe(true);
    }
  });

  it.each([
    'const password = "Tr0ub4dor&3xyz";',
    "DB_PASSWORD: 'x9!kkQ2-lm88'",
    'client_secret => "a8f5f167f44f4964e6c998dee827110c"',
    'let apiKey: string = `q7w8e9r0t1y2u3`;',
    'if (token === "q7w8e9r0t1y2u3") {}',
    'os.environ["ACCESS_TOKEN"] = "q7w8e9r0t1y2u3"',
    'const secret =\n  "q7w8e9r0t1y2u3";',
    '{"api_key": "q7w8e9r0t1y2u3"}',
    'signingKey = "q7w8e9r0t1y2u3"',
  ])('overwrites the literal in %j', (code) => {
    const { text, count } = redactSecrets(code);
    expect(count).toBe(1);
    expect(text).toHaveLength(code.length);
    expect(text).toMatch(/["'`]~redacted/);
  });

  it.each([
    'const token = tokens[index];',
    'const password = "password";',
    'const secretName = "my-app/database/password";',
    'token: "access_token_v2",',
    'passwordField: "#login-form1 input"',
    'uniform vec4 gl_MaxTessEvaluationOutputComponents2;',
    '#ifndef EGL_EXT_gl_colorspace_bt2020_linear',
    'syn match Algo "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com"',
    'const SIGNIN_TOKEN = "/oauth2/v2.0/token";',
    'POSTGRES_PASSWORD: ${DB_PASSWORD_1}',
    'const token = tokens2.first1',
    'token: 1.22.333-beta4-5x',
    'const db = "postgres://postgres:postgres@localhost/app";',
    'url = "https://user:password@example.com/";',
    'const url = `https://${user}:${password}@host1/`;',
    'connect("http://localhost:8080/a@b1c2d3e4");',
    'const tokenUrl = "https://login.example.com/0auth2/v2.0/token";',
    'const secret = `${prefix1}-${suffix2}`;',
    'password = "aaaaaaa1111111"',
    '<div class="sk-circle-fade-dot sk-child1">',
    'type Token = "identifier" | "punctuator2";',
    'const hash = "a8f5f167f44f4964e6c998dee827110c";',
    'npm_config_registry_and_more_of_such_long_names_1',
    `if (text.startsWith('-----BEGIN PRIVATE ${'KEY'}-----')) return text.includes('-----END PRIVATE ${'KEY'}-----');`,
  ])('leaves %j alone', (code) => {
    expect(redactSecrets(code)).toEqual({ text: code, count: 0, families: [] });
  });

  it.each([
    ['POSTGRES_PASSWORD: x9kkQ2lm88vv31', 'x9kkQ2lm88vv31'],
    ['export API_TOKEN=q7w8e9r0t1y2u3q9w1', 'q7w8e9r0t1y2u3q9w1'],
    ['  - STRIPE_SECRET_KEY=q7w8e9r0t1y2u3q9w1  ', 'q7w8e9r0t1y2u3q9w1'],
    ['db = "postgres://app:s3cr3tPassw0rd@db/x"', 'app:s3cr3tPassw0rd'],
    ['redis://:q7w8e9r0@cache.internal:6379', ':q7w8e9r0'],
    ['//registry.example.com/:_authToken=3c1f9d2e-77', '3c1f9d2e-77'],
  ])('overwrites what is secret in the line %j, and no more', (line, secret) => {
    const { text, count } = redactSecrets(`a: 1\n${line}\r\nb: 2`);
    expect(count).toBe(1);
    expect(text).toBe(`a: 1\n${line.replace(secret, '~redacted~redacted'.slice(0, secret.length))}\r\nb: 2`);
  });

  it('says whose secrets they were', () => {
    const text = `${pem}\nconst a = "${fake('ghp_', 36)}"; const password = "Tr0ub4dor&3xyz";`;
    expect(redactSecrets(text).families).toEqual(['private-key', 'github', 'assigned']);
  });

  it('overwrites private keys and keeps their line breaks', () => {
    const { text, count } = redactSecrets(`before\n${pem}\nafter`);
    expect(count).toBe(1);
    expect(text).toHaveLength(pem.length + 13);
    expect(text.split('\n')).toHaveLength(7);
    expect(text).toMatch(/^before\n~redacted[\s\S]*\nafter$/);
    expect(text).not.toContain('MIIE');
    expect(text).not.toContain('ab==');
  });

  it('overwrites private keys in string literals', () => {
    const literal = `const pem = "${pem.replaceAll('\n', '\\n')}";`;
    expect(redactSecrets(literal).text).toMatch(/^const pem = "~[~a-z]*";$/);
  });

  it('overwrites keys that a window over the file has cut', () => {
    for (const cut of [pem.slice(0, 100), pem.slice(40), pem.slice(70)]) {
      const { text, count } = redactSecrets(cut);
      expect(count).toBe(1);
      expect(text).toHaveLength(cut.length);
      expect(text).not.toContain(fake('', 40).slice(5, 25));
    }
    const code = `foo();\n  bar baz;\n${pem.slice(40)}`;
    expect(redactSecrets(code).text.startsWith('foo();\n  bar baz;\n~')).toBe(true);
  });

  it('gives back the very text when there is nothing to hide', () => {
    const text = 'const x = 1;\n'.repeat(1000);
    expect(redactSecrets(text)).toEqual({ text, count: 0, families: [] });
  });

  it('finds nothing to do in what it has redacted', () => {
    const once = redactSecrets(SECRETS.map(([, secret]) => `const token = "${secret}";`).join('\n'));
    expect(once.count).toBe(SECRETS.length);
    expect(redactSecrets(once.text)).toEqual({ text: once.text, count: 0, families: [] });
  });

  it('takes linear time whatever it is fed', () => {
    const size = 64 * 1024;
    const bait = [
      'eyJ',
      'eyJaaaaaaaa.',
      'sk-',
      'token',
      'pwd',
      'pwd = "',
      'token: a ',
      'gh',
      'ghp_a-',
      'xoxb-',
      'A',
      '-----BEGIN PRIVATE KEY-----',
      '-----END PRIVATE KEY-----',
      'PRIVATE KEY+',
      '+',
      '=\n',
      ' ',
    ];
    const anchors = [...generatedRules, ...ownRules].flatMap((rule) => rule.anchors);
    bait.push(
      ...anchors,
      ...anchors.map((anchor) => `${anchor}${'a'.repeat(60)}.`),
      ...anchors.map((anchor) => `${anchor}1_`),
    );
    bait.push('://a:', '://a:b', 'password=', 'password:"', '\n password = ', 'api_key', 'key: aaaa');
    for (const text of bait.map((piece) => piece.repeat(Math.ceil(size / piece.length)))) {
      const started = Date.now();
      redactSecrets(text);
      expect(Date.now() - started, text.slice(0, 30)).toBeLessThan(1000);
    }
  });
});
