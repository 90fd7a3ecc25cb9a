// Reads Parquet files with hyparquet and prints their columns as texts: node read.mjs MODULES FILE…
// One line of JSON a file: {"columns": {name: [text, …]}}, or {"error": message}.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [modules, ...files] = process.argv.slice(2)
const load = (...parts) => import(pathToFileURL(join(modules, ...parts)).href)
const { asyncBufferFromFile, parquetReadObjects } = await load('hyparquet', 'src', 'node.js')
const { compressors } = await load('hyparquet-compressors', 'src', 'index.js')

const utf8 = new TextDecoder()
const day = 86400000000000n

// Seven digits of a second, nine where seven do not hold the value; without a time zone.
function moment(nanos) {
  const rest = ((nanos % 1000000000n) + 1000000000n) % 1000000000n
  const seconds = new Date(Number((nanos - rest) / 1000000n)).toISOString().slice(0, 19)
  return `${seconds}.${rest % 100n === 0n ? String(rest / 100n).padStart(7, '0') : String(rest).padStart(9, '0')}`
}

const hex = bytes => Array.from(bytes, b => b.toString(16).padStart(2, '0')).join('')
const parsers = {
  timestampFromMilliseconds: v => moment(BigInt(v) * 1000000n),
  timestampFromMicroseconds: v => moment(BigInt(v) * 1000n),
  timestampFromNanoseconds: v => moment(BigInt(v)),
  dateFromDays: v => moment(BigInt(v) * day),
  stringFromBytes: v => v && utf8.decode(v),
  jsonFromBytes: v => v && utf8.decode(v),
  geometryFromBytes: v => v,
  geographyFromBytes: v => v,
  uuidFromBytes: v => v && hex(v).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
}

function text(value) {
  if (value === null || value === undefined) return null
  if (Array.isArray(value)) return value.map(text)
  if (value instanceof Uint8Array) return utf8.decode(value)
  if (ArrayBuffer.isView(value)) return Array.from(value, text)
  return Object.is(value, -0) ? '-0' : String(value)
}

for (const file of files) {
  try {
    const rows = await parquetReadObjects({ file: await asyncBufferFromFile(file), compressors, parsers })
    const columns = {}
    for (const name of Object.keys(rows[0])) columns[name] = rows.map(row => text(row[name]))
    console.log(JSON.stringify({ columns }))
  } catch (e) {
    console.log(JSON.stringify({ error: String(e.message) }))
  }
}
