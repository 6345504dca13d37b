// Claim: reading alone takes at least 8 million lines a second on one core.
import { ByteTable, LineReader } from '../packages/wire/dist/index.js'
import { median, report } from './lib/report.mjs'

const JOB = '#container_name:jabcdefghijkl'
const KINDS = {
  'counter, whole numbers': (i) => `testMetric${i % 2}:${i % 100}|c|${JOB}`,
  'gauge, one decimal': (i) => `cpu:${(i % 1000) / 10}|g|${JOB}`,
  'gauge, 17 digits': (i) => `loss:${Math.sin(i + 1)}|g|${JOB}`,
  'no tags (own socket)': (i) => `steps:${i % 100}|c`,
  '5 tags': (i) => `steps:${i % 100}|c|#env:prod,service:svc,step:12,${JOB.slice(1)},version:1.2`,
}
const LINES_A_DATAGRAM = 30
const DATAGRAMS = 500
const ROUNDS = 9
const PASSES = Number(process.argv[2] ?? 20)

report({
  title: 'Lines read a second, one core',
  target: '>= 8 million a second',
  rows: Object.entries({ ...KINDS, 'plain split (rival)': KINDS['counter, whole numbers'] }).map(
    ([kind, line]) => {
      const datagrams = makeDatagrams(line)
      const read = kind.includes('rival') ? splitter() : reader()
      const rates = Array.from({ length: ROUNDS }, () => linesPerSecond(read, datagrams))
      return { kind, 'million lines/s': (median(rates) / 1e6).toFixed(1) }
    },
  ),
})

function makeDatagrams(line) {
  return Array.from({ length: DATAGRAMS }, (_datagram, n) =>
    Buffer.from(
      Array.from({ length: LINES_A_DATAGRAM }, (_, i) => line(n * LINES_A_DATAGRAM + i)).join('\n'),
    ),
  )
}

/** What the server does with a line, short of adding it up. */
function reader() {
  const lines = new LineReader()
  const names = new ByteTable(200)
  return (bytes) => {
    let sum = 0
    lines.load(bytes)
    while (lines.next() === 'sample') {
      let name = names.find(bytes, lines.nameStart, lines.nameEnd, lines.nameHash)
      if (name < 0) name = names.add(bytes, lines.nameStart, lines.nameEnd, lines.nameHash)
      sum += name + lines.values[0]
    }
    return sum
  }
}

/** The usual way: text, split, parse. */
function splitter() {
  return (bytes) => {
    let sum = 0
    for (const line of bytes.toString().split('\n')) {
      const [name, rest] = line.split(':')
      const [value] = rest.split('|')
      sum += name.length + Number(value)
    }
    return sum
  }
}

function linesPerSecond(read, datagrams) {
  let sum = 0
  const start = performance.now()
  for (let pass = 0; pass < PASSES; pass++) for (const bytes of datagrams) sum += read(bytes)
  const seconds = (performance.now() - start) / 1000
  if (Number.isNaN(sum)) throw new Error('the reader lost a number')
  return (PASSES * DATAGRAMS * LINES_A_DATAGRAM) / seconds
}
