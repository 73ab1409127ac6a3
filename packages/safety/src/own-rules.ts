import type { SecretRule } from './secret-rule.ts';

/** Not within a word; but in a literal the letter of an escape may stand right before it: `"…\nghp_…"`. */
const BEGINS = '(?:(?<![A-Za-z0-9])|(?<=\\\\[nrt]))';

const token = (family: string, anchors: readonly string[], source: string): SecretRule => ({
  family,
  anchors,
  source: `${BEGINS}${source}`,
  flags: '',
});

/** Only where the rest looks random, as names begin like this, too. */
const randomToken = (family: string, anchors: readonly string[], source: string): SecretRule => ({
  ...token(family, anchors, source),
  random: true,
});

/**
 * What the preset does not have, in each provider's documented format, and a wider form of what it has only in the form of
 * today: a token that was issued years ago works, too.
 */
export const ownRules: readonly SecretRule[] = [
  token('ghostline', ['gl_'], 'gl_[A-Za-z0-9][A-Za-z0-9._-]{0,63}_[0-9A-Za-z]{49}(?![A-Za-z0-9])'),
  // As operators make their own.
  randomToken('ghostline', ['gl_'], 'gl_[A-Za-z0-9_-]{20,128}(?![A-Za-z0-9_-])'),
  token('aws', ['ABIA', 'ACCA'], 'A(?:BIA|CCA)[A-Z0-9]{16}(?![A-Za-z0-9])'),
  token('github', ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], 'gh[pousr]_[A-Za-z0-9]{36,255}'),
  token('github', ['github_pat_'], 'github_pat_[A-Za-z0-9_]{22,255}'),
  token(
    'gitlab',
    ['glpat-', 'gldt-', 'glrt-', 'glptt-', 'glcbt-', 'glft-', 'gloas-', 'glsoat-', 'glagent-', 'glimt-', 'glffct-'],
    'gl(?:pat|dt|rt|ptt|cbt|ft|oas|soat|agent|imt|ffct)-[A-Za-z0-9_-]{20,255}',
  ),
  token(
    'slack',
    ['xoxa-', 'xoxb-', 'xoxe-', 'xoxo-', 'xoxp-', 'xoxr-', 'xoxs-', 'xapp-'],
    '(?:xox[abeoprs]-[A-Za-z0-9-]{10,255}|xapp-[A-Za-z0-9-]{20,255})',
  ),
  token('stripe', ['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_'], '[rs]k_(?:live|test)_[A-Za-z0-9]{16,255}'),
  token('stripe', ['whsec_'], 'whsec_[A-Za-z0-9+/=]{24,255}'),
  token('npm', ['npm_'], 'npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])'),
  { family: 'npm', anchors: ['_authToken='], source: '_authToken=([A-Za-z0-9._~+/=-]{9,512})', flags: '', group: 1 },
  token('google', ['AIza'], 'AIza[A-Za-z0-9_-]{35}'),
  token('google', ['ya29.'], 'ya29\\.[A-Za-z0-9_-]{20,512}'),
  token('google', ['GOCSPX-'], 'GOCSPX-[A-Za-z0-9_-]{28}'),
  token('huggingface', ['hf_'], 'hf_[A-Za-z0-9]{30,255}'),
  // OpenAI, Anthropic, DeepSeek, OpenRouter and those who copied their form; class names begin like this, too.
  randomToken('openai', ['sk-'], 'sk-[A-Za-z0-9_-]{20,255}'),
  randomToken('xai', ['xai-'], 'xai-[A-Za-z0-9]{60,100}'),
  token('nvidia', ['nvapi-'], 'nvapi-[A-Za-z0-9_-]{60,80}'),
  token('pypi', ['pypi-AgE'], 'pypi-AgE[A-Za-z0-9_-]{50,512}'),
  token('rubygems', ['rubygems_'], 'rubygems_[a-f0-9]{48}'),
  token('digitalocean', ['dop_v1_', 'doo_v1_', 'dor_v1_'], 'do[opr]_v1_[a-f0-9]{64}'),
  token('atlassian', ['ATATT3', 'ATBB'], '(?:ATATT3[A-Za-z0-9_=-]{50,255}|ATBB[A-Za-z0-9]{32}(?![A-Za-z0-9]))'),
  token('sentry', ['sntrys_', 'sntryu_'], 'sntry[su]_[A-Za-z0-9+/=_-]{40,512}'),
  token('postman', ['PMAK-'], 'PMAK-[a-f0-9]{24}-[a-f0-9]{34}'),
  token('newrelic', ['NRAK-'], 'NRAK-[A-Z0-9]{27}'),
  token('age', ['AGE-SECRET-KEY-1'], 'AGE-SECRET-KEY-1[A-Z0-9]{58}'),
  token('azure', ['AccountKey='], 'AccountKey=[A-Za-z0-9+/]{86}=='),

  // Starts only where a run of its characters does, so that each run is read a bounded number of times however long.
  {
    family: 'jwt',
    anchors: ['eyJ'],
    source: '(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\\.eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}',
    flags: '',
  },
  // RFC 3986 `user:password@host`, of any scheme; not `${user}:${password}@`, `<user>:<password>@` and the like.
  {
    family: 'url',
    anchors: ['://'],
    source: '://([^\\s:/@"\'`<>{}$?#,;()\\\\]{0,100}:[^\\s/@"\'`<>{}$?#\\\\]{4,200})@[A-Za-z0-9[]',
    flags: '',
    group: 1,
  },
];
