import { bytesText } from '@plotline/api/names'
import type { Disk } from '@plotline/api'
import type { ReactElement } from 'react'
import { Card } from '../ui/card.tsx'
import { cx } from '../ui/cx.ts'
import { diskShares, type DiskShares } from './disk-shares.ts'
import styles from './storage-page.module.css'

/** How full the disk is. Each part has a pattern of its own and stands in words below: nothing is told by colour alone. */
export function DiskCard({
  disk,
  jobBytes,
  dataDir,
}: {
  readonly disk: Disk
  readonly jobBytes: number
  readonly dataDir: string
}): ReactElement {
  const shares = diskShares(disk, jobBytes)
  const isShort = disk.freeBytes < disk.minFreeBytes
  return (
    <Card title="Disk">
      <div
        className={styles['disk']}
        role="img"
        aria-label={`${bytesText(disk.freeBytes)} of ${bytesText(disk.totalBytes)} are free.`}
      >
        {PARTS.map(([part]) => (
          <span
            key={part}
            className={cx(styles['part'], styles[part])}
            style={{
              flexGrow: shares[part] / Math.max(1, disk.totalBytes),
              minWidth: shares[part] > 0 ? LEAST_SEEN : 0,
            }}
          />
        ))}
      </div>
      <dl className={styles['legend']}>
        {PARTS.map(([part, words]) => (
          <div key={part}>
            <dt>
              <span aria-hidden className={cx(styles['swatch'], styles[part])} />
              {words}
            </dt>
            <dd>{bytesText(shares[part])}</dd>
          </div>
        ))}
      </dl>
      <p className={styles['note']}>
        {isShort
          ? `Less is free than the ${bytesText(disk.minFreeBytes)} that are kept: no samples are taken.`
          : `No samples are taken once less than ${bytesText(disk.minFreeBytes)} are free: deletions and the ends of jobs need them.`}{' '}
        The data folder is <code>{dataDir}</code>.
      </p>
    </Card>
  )
}

/** However small, it is there. */
const LEAST_SEEN = '0.1875rem'

const PARTS: readonly (readonly [part: keyof DiskShares, words: string])[] = [
  ['jobs', 'Jobs'],
  ['other', 'Other files'],
  ['free', 'Free for samples'],
  ['kept', 'Kept free'],
]
