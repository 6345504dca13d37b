import { newJobOf, tagsOf, type JobDraft } from './job-draft.ts'

/** The job as one would submit it in a terminal. */
export function cliCommand(draft: JobDraft): string {
  const flags = [
    ...(draft.metrics.length > 0 ? [`--metrics ${quoted(draft.metrics.join(','))}`] : []),
    ...(draft.name.trim() === '' ? [] : [`--name ${quoted(draft.name.trim())}`]),
    ...tagsOf(draft).map((tag) => `--tag ${quoted(tag)}`),
    ...draft.env
      .filter(({ name }) => name !== '')
      .map(
        ({ name, value, isSecret }) =>
          `--env ${isSecret ? `${name}=…` : quoted(`${name}=${value}`)}`,
      ),
    ...(draft.workspace.trim() === '' ? [] : [`--workspace ${quoted(draft.workspace.trim())}`]),
  ]
  return [
    `npx plotline run`,
    ...flags,
    draft.command.trim() === '' ? '-- COMMAND' : `-- sh -c ${quoted(draft.command)}`,
  ].join(' \\\n  ')
}

/** The job as a request; the key is read from its file. */
export function curlCommand(draft: JobDraft, origin: string): string {
  const env = draft.env.map((row) => (row.isSecret ? { ...row, value: '…' } : row))
  const body = JSON.stringify(newJobOf({ ...draft, env }), undefined, 1)
  return `curl ${origin}/api/v1/jobs \\\n  -H "x-api-key: $(cat data/api-key)" \\\n  -H 'content-type: application/json' \\\n  -d ${quoted(body)}`
}

const quoted = (word: string): string =>
  /^[A-Za-z0-9_/.,:=@%+-]+$/u.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
