import { textWidth } from './width.ts'

export interface Column {
  readonly title: string
  readonly align?: 'left' | 'right'
}

const GAP = '  '

/** Lines of an aligned table, the titles first; nothing follows the last column's text. */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string[] {
  const lines = [columns.map((column) => column.title), ...rows]
  const widths = columns.map((_, at) =>
    lines.reduce((widest, line) => Math.max(widest, textWidth(line[at] ?? '')), 0),
  )
  return lines.map((line) =>
    columns
      .map((column, at) => pad(line[at] ?? '', widths[at] ?? 0, column.align))
      .join(GAP)
      .trimEnd(),
  )
}

/** Lines of `name  value`, the values aligned. */
export function formatFields(
  fields: readonly (readonly [name: string, value: string])[],
): string[] {
  const width = fields.reduce((widest, [name]) => Math.max(widest, textWidth(name)), 0)
  return fields.map(([name, value]) => `${pad(name, width)}${GAP}${value}`.trimEnd())
}

function pad(text: string, width: number, align: Column['align'] = 'left'): string {
  const blanks = ' '.repeat(Math.max(0, width - textWidth(text)))
  return align === 'left' ? text + blanks : blanks + text
}
