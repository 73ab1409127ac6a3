import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fieldName, knownFields, likelyMeant } from '@ghostline/protocol';
import { LineCounter, isNode, parseDocument } from 'yaml';
import type * as z from 'zod';
import { ConfigError } from './config-error.ts';
import { ConfigFile } from './config-file.ts';
import type { Locate } from './field-path.ts';

export interface ReadConfig {
  readonly file: ConfigFile;
  /** Undefined: there is none, and none was asked for. */
  readonly configFile: string | undefined;
  readonly at: Locate;
}

export function readConfig(flag: string | undefined, cwd: string): ReadConfig {
  const configFile = path.resolve(cwd, flag ?? 'ghostline.yaml');
  let text: string;
  try {
    text = readFileSync(configFile, 'utf8');
  } catch (error) {
    if (flag === undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') {
      return { file: {}, configFile: undefined, at: () => '' };
    }
    throw new ConfigError(
      `--config: ${configFile} cannot be read (${(error as NodeJS.ErrnoException).code}); give the path of a ghostline.yaml`,
    );
  }
  return { ...parseConfig(text, path.relative(cwd, configFile) || configFile), configFile };
}

/** The file's content against its schema; every mistake with its line. `label` is how the file is called in messages. */
export function parseConfig(text: string, label: string): { file: ConfigFile; at: Locate } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${label}:${line}:${col}: `;
  };
  if (document.errors.length > 0) {
    throw new ConfigError(document.errors.map((error) => `${place(error.pos[0])}${error.message}`).join('\n'));
  }
  const at: Locate = (fieldPath) => {
    for (let depth = fieldPath.length; depth >= 0; depth--) {
      const node = document.getIn(fieldPath.slice(0, depth), true);
      if (isNode(node) && node.range) return place(node.range[0]);
    }
    return `${label}: `;
  };
  const result = ConfigFile.safeParse(document.toJS() ?? {}, { reportInput: true });
  if (result.success) return { file: result.data, at };
  throw new ConfigError(result.error.issues.flatMap((issue) => explain(issue, at)).join('\n'));
}

function explain(issue: z.core.$ZodIssue, at: Locate): string[] {
  const field = fieldName(issue.path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const known = knownFields(ConfigFile, issue.path);
      const meant = likelyMeant(key, known);
      const fix = meant ? `did you mean "${meant}"?` : `known are ${known.join(', ')}`;
      return `${at([...issue.path, key])}${field ? `${field}.` : ''}${key}: unknown field; ${fix}`;
    });
  }
  const missing = issue.code === 'invalid_type' && issue.input === undefined;
  const message = missing ? `required field is missing (expected ${issue.expected})` : issue.message;
  return [`${at(issue.path)}${field || 'configuration'}: ${message}`];
}
