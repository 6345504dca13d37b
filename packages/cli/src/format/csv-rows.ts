const TEXT_COLUMNS: ReadonlySet<string> = new Set(['name', 'type'])

/** The rows of the server's CSV as JSON objects, one a line. Its names need no quotes, so that a comma always separates. */
export async function* csvRows(chunks: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder()
  let titles: readonly string[] | undefined
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    titles ??= lines.shift()?.split(',')
    const rows = lines.map((line) => rowJson(titles ?? [], line))
    if (rows.length > 0) yield `${rows.join('\n')}\n`
  }
}

function rowJson(titles: readonly string[], line: string): string {
  const values = line.split(',')
  return JSON.stringify(
    Object.fromEntries(
      titles.map((title, at) => [title, TEXT_COLUMNS.has(title) ? values[at] : Number(values[at])]),
    ),
  )
}
