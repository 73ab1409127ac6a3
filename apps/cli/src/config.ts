/** The API key in the environment variable of that name; an empty one counts as none. */
export function tokenFrom(variable: string): string | undefined {
  return process.env[variable] || undefined;
}
