// What a server without streams does: all rows of a series at once, joined to one text. A process of its own, for its memory:
//   node naive-csv.mjs ROWS.db SERIES NAME      prints the bytes of the text
import { writeFileSync } from 'node:fs'
import { openSqliteRows } from './sqlite-rows.mjs'

const [path, series, name] = process.argv.slice(2)
const db = openSqliteRows(path)
const text = db
  .points(Number(series))
  .map(({ t, value }) => line(Number(t), Number(value)))
  .join('')
const bytes = Buffer.from(text)
writeFileSync('/dev/null', bytes)
process.stdout.write(String(bytes.length))
db.close()

function line(t, value) {
  return `${t},${name},gauge,${value},${value},${value},${value},1\n`
}
