/** The variables as a `.env` file: quoted where a shell or a reader of such files would trip. */
export function asEnvFile(env: Readonly<Record<string, string>>): string {
  return Object.entries(env)
    .map(([name, value]) => `${name}=${quoted(value)}\n`)
    .join('')
}

function quoted(value: string): string {
  if (/^[A-Za-z0-9_./:@%+,=-]*$/.test(value)) return value
  const escaped = value.replace(/["\\$`]/g, '\\$&').replaceAll('\n', '\\n')
  return `"${escaped}"`
}
