/**
 * What the program is delivered with: no production dependency with a known vulnerability of high or critical severity, and none
 * under a licence that is not on the list. A registry that cannot be asked is said and passes: working offline is no fault.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { isAllowedLicence } from './licences.mjs';
import { root } from './toolchain.mjs';

const SEVERE = new Set(['high', 'critical']);
/** The whole question and its answer are some 20 KB. */
const REGISTRY_TIMEOUT_MS = 8_000;
const run = promisify(execFile);

const registry = process.argv.slice(2);
const problems = [...(await licenceProblems()), ...(await advisoryProblems())];
for (const problem of problems) process.stderr.write(`✗ ${problem}\n`);
process.exitCode = problems.length > 0 ? 1 : 0;

async function licenceProblems() {
  const { stdout } = await run('pnpm', ['-r', 'list', '--prod', '--depth', 'Infinity', '--json'], {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
  });
  const seen = new Map();
  const collect = (dependencies = {}) => {
    for (const [name, dependency] of Object.entries(dependencies)) {
      if (seen.has(dependency.path)) continue;
      seen.set(dependency.path, name);
      collect(dependency.dependencies);
      collect(dependency.optionalDependencies);
    }
  };
  for (const { name, dependencies, optionalDependencies } of JSON.parse(stdout)) {
    // What tests need is not delivered.
    if (name === '@ghostline/test') continue;
    collect(dependencies);
    collect(optionalDependencies);
  }
  if (seen.size === 0) return ['pnpm lists no production dependencies: install first.'];
  process.stdout.write(`${seen.size} production dependencies\n`);
  return [...seen].flatMap(([folder, name]) => {
    const licence = licenceIn(folder);
    if (licence === undefined || isAllowedLicence(licence)) return [];
    return `${name}: its licence is ${JSON.stringify(licence)}, which is not on the list in scripts/licences.mjs. Use another package, or add the licence when it may be passed on.`;
  });
}

/** Undefined for what is not installed here: binaries for other systems, which are under the licence of the package they are for. */
function licenceIn(folder) {
  let manifest;
  try {
    manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  } catch {
    return undefined;
  }
  return manifest.license ?? 'none';
}

async function advisoryProblems() {
  const { stdout, stderr } = await run('pnpm', ['audit', '--prod', '--json', '--config.fetch-retries=0', ...registry], {
    cwd: root,
    timeout: REGISTRY_TIMEOUT_MS,
    maxBuffer: 64 * 1024 * 1024,
    // An advisory is an exit code of 1, like a registry that is away: what it printed tells which.
  }).catch((error) => ({
    stdout: error.stdout ?? '',
    stderr: error.stderr || `no answer in ${REGISTRY_TIMEOUT_MS / 1000} s`,
  }));
  const advisories = parse(stdout)?.advisories;
  if (advisories === undefined) {
    const reason = stderr
      .replaceAll(/[\s│×]+/g, ' ')
      .trim()
      .slice(0, 200);
    process.stdout.write(`! Known vulnerabilities were not looked up: the registry cannot be asked (${reason}).\n`);
    return [];
  }
  return Object.values(advisories).flatMap(
    ({ module_name: name, severity, title, url, patched_versions: patched, findings }) => {
      const paths = findings.flatMap((finding) => finding.paths).filter((each) => !each.startsWith('test>'));
      if (paths.length === 0 || !SEVERE.has(severity)) return [];
      return `${name} (${paths[0].replaceAll('>', ' → ')}): ${severity}, ${title}, ${url}. Update to ${patched || 'another package: there is no fix'}.`;
    },
  );
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
