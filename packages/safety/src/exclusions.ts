/** Files that exist to hold secrets (folders with a slash at the end). Their public halves and examples hold none. */
const SECRET_FILES = [
  '.env',
  '.env.*',
  '!.env.example',
  '!.env.sample',
  '!.env.template',
  '!.env.dist',
  '.envrc',
  '*.pem',
  '*.key',
  '*.pfx',
  '*.p12',
  '*.p8',
  '*.ppk',
  '*.jks',
  '*.keystore',
  '*.kdbx',
  '*.ovpn',
  '*.mobileprovision',
  'id_rsa',
  'id_dsa',
  'id_ecdsa',
  'id_ecdsa_sk',
  'id_ed25519',
  'id_ed25519_sk',
  '.ssh/',
  '.gnupg/',
  '.npmrc',
  '.yarnrc',
  '.yarnrc.yml',
  '.pypirc',
  '.netrc',
  '_netrc',
  '.pgpass',
  '.my.cnf',
  '.htpasswd',
  '.git-credentials',
  '.dockercfg',
  '**/.docker/config.json',
  '**/.kube/config',
  'kubeconfig',
  'credentials',
  'credentials.json',
  'credentials.yml',
  'credentials.yaml',
  'application_default_credentials.json',
  'client_secret*.json',
  'service-account*.json',
  'service_account*.json',
  'secrets.json',
  'secrets.toml',
  'secrets.yml',
  'secrets.yaml',
  '.vault-token',
  '*.tfstate',
  '*.tfstate.backup',
  '*.tfvars',
  '.terraformrc',
] as const;

/** Paths repeat with every keystroke; forgotten all at once when there are more than a workspace has open. */
const REMEMBERED_PATHS = 4096;

interface Pattern {
  readonly segments: readonly string[];
  readonly excludes: boolean;
  /** Folders only, files only (a folder of sources may be called `credentials`), or either. */
  readonly kind: 'folder' | 'file' | 'any';
}

/**
 * Whether the text of a file may leave it: false for files that hold secrets, and for what `patterns` name. Patterns
 * read as in .gitignore: `*` and `?` within a name, `**` across folders, a slash (not at the end) ties to the workspace's
 * root, one at the end means folders, what is excluded is so with all below it, `!` takes back, the last match decides.
 * Never case-sensitive, as file systems of Windows and macOS are not; slashes may lean either way. Time is linear in path
 * times pattern.
 */
export function createExclusions(patterns: readonly string[] = []): (path: string) => boolean {
  return matcherOf([
    ...SECRET_FILES.flatMap((glob) => compile(glob, 'file')),
    ...patterns.flatMap((glob) => compile(glob, 'any')),
  ]);
}

/** As `createExclusions`, for `patterns` alone: what an admin excludes is no user's to take back. */
export function createPathMatcher(patterns: readonly string[]): (path: string) => boolean {
  return matcherOf(patterns.flatMap((glob) => compile(glob, 'any')));
}

function matcherOf(patterns: readonly Pattern[]): (path: string) => boolean {
  const compiled = patterns.toReversed();
  const remembered = new Map<string, boolean>();
  return (path) => {
    const known = remembered.get(path);
    if (known !== undefined) return known;
    const segments = split(path);
    const excluded = compiled.find((pattern) => matches(pattern, segments))?.excludes ?? false;
    if (remembered.size >= REMEMBERED_PATHS) remembered.clear();
    remembered.set(path, excluded);
    return excluded;
  };
}

function compile(glob: string, kind: 'file' | 'any'): Pattern[] {
  const excludes = !glob.startsWith('!');
  const body = (excludes ? glob : glob.slice(1)).trim().replaceAll('\\', '/');
  const segments = split(body);
  if (segments.length === 0) return [];
  const anchored = body.replace(/\/+$/, '').includes('/');
  return [
    { segments: anchored ? segments : ['**', ...segments], excludes, kind: body.endsWith('/') ? 'folder' : kind },
  ];
}

function split(path: string): string[] {
  return path
    .toLowerCase()
    .split(/[/\\]/)
    .filter((segment) => segment !== '' && segment !== '.');
}

/** True when `pattern` matches `path` or a folder above it. */
function matches({ segments, kind }: Pattern, path: readonly string[]): boolean {
  let at = 0;
  let next = 0;
  let starAt = -1;
  let starNext = 0;
  for (;;) {
    const segment = segments[next];
    if (segment === undefined && (kind === 'any' || (kind === 'file') === (at === path.length))) return true;
    if (segment === '**') {
      if (next === segments.length - 1) return at < path.length;
      starAt = at;
      starNext = ++next;
    } else if (segment !== undefined && at < path.length && matchesName(segment, path[at]!)) {
      at += 1;
      next += 1;
    } else if (starAt >= 0 && starAt < path.length) {
      at = ++starAt;
      next = starNext;
    } else {
      return false;
    }
  }
}

/** Wildcards within one name. Only the last `*` is ever retried, so no pattern takes exponential time. */
function matchesName(glob: string, name: string): boolean {
  let at = 0;
  let next = 0;
  let starAt = 0;
  let starNext = -1;
  while (at < name.length) {
    if (glob[next] === '*') {
      starAt = at;
      starNext = ++next;
    } else if (next < glob.length && (glob[next] === '?' || glob[next] === name[at])) {
      at += 1;
      next += 1;
    } else if (starNext >= 0) {
      at = ++starAt;
      next = starNext;
    } else {
      return false;
    }
  }
  while (glob[next] === '*') next += 1;
  return next === glob.length;
}
