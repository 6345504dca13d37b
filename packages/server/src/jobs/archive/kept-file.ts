import type { UnixMs } from '../../units.ts'

/** Something that an executor keeps of a job. */
export interface KeptFile {
  /** Below the job's folder, parts separated by "/". */
  readonly path: string
  readonly type: 'file' | 'folder' | 'link'
  /** The nine bits of permission. */
  readonly mode: number
  readonly modifiedAt: UnixMs
  /** 0 of folders and links. */
  readonly sizeBytes: number
  /** Where a link points, else ''. */
  readonly target: string
  /** Exactly `sizeBytes` of a file. */
  read(): AsyncIterable<Uint8Array>
}
