import { crc32 } from 'node:zlib'

/** Of a row of plain columns, its table named first: SQLite keeps no checksum of its pages. */
export const rowCrc = (...fields: readonly (string | number)[]): number => crc32(fields.join('\n'))
