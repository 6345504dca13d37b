export interface EnvRow {
  readonly name: string
  readonly value: string
  readonly isSecret: boolean
}

const SOUNDS_SECRET = /KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL/i

/** Rows of a pasted .env: `A=b`, `export A="b c"`, comments and blank lines left out. */
export function parseEnv(text: string): EnvRow[] {
  return text.split(/\r?\n/u).flatMap((line) => {
    const [, name, raw] = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=(.*)$/u.exec(line) ?? []
    if (name === undefined || raw === undefined) return []
    return [{ name, value: envValue(raw.trim()), isSecret: SOUNDS_SECRET.test(name) }]
  })
}

function envValue(raw: string): string {
  const [, , quoted] = /^(["'])(.*)\1$/u.exec(raw) ?? []
  return quoted ?? raw.replace(/\s+#.*$/u, '')
}
