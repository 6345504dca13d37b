import { describe, expect, it } from 'vitest'
import { BLANK } from './job-draft.ts'
import { cliCommand, curlCommand } from './same-elsewhere.ts'

const draft = {
  ...BLANK,
  name: "it's",
  tags: 'a, b',
  command: "echo 'x'",
  env: [
    { name: 'LR', value: '0.1', isSecret: false },
    { name: 'API_KEY', value: 'hidden', isSecret: true },
  ],
  metrics: ['loss', 'acc'],
}

describe('the same job elsewhere', () => {
  it('is a command line, quoted for a shell, without secrets', () => {
    expect(cliCommand(draft)).toBe(
      String.raw`npx plotline run \
  --metrics loss,acc \
  --name 'it'\''s' \
  --tag a \
  --tag b \
  --env LR=0.1 \
  --env API_KEY=… \
  -- sh -c 'echo '\''x'\'''`,
    )
  })
  it('is a request, without secrets', () => {
    expect(curlCommand(draft, 'http://h')).toContain('"customMetrics"')
    expect(curlCommand(draft, 'http://h')).not.toContain('hidden')
  })
})
