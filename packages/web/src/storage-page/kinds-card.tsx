import { bytesText } from '@plotline/api/names'
import type { JobBytes } from '@plotline/api'
import type { ReactElement } from 'react'
import { Card } from '../ui/card.tsx'
import { countText } from '../ui/number-text.ts'
import { SIZE_WORDS } from './size-words.ts'
import styles from './storage-page.module.css'

/** What all jobs together take, by kind. */
export function KindsCard({
  bytes,
  jobCount,
}: {
  readonly bytes: JobBytes
  readonly jobCount: number
}): ReactElement {
  return (
    <Card title={`${countText(jobCount, 'job')}, ${bytesText(bytes.total)}`}>
      <dl className={styles['kinds']}>
        {KINDS.map((kind) => (
          <div key={kind}>
            <dt>{SIZE_WORDS[kind]}</dt>
            <dd>
              <span>{bytesText(bytes[kind])}</span>
              <span className={styles['percent']}>{percentText(bytes[kind], bytes.total)}</span>
            </dd>
            <dd aria-hidden className={styles['meter']}>
              <span style={{ width: `${(100 * bytes[kind]) / Math.max(1, bytes.total)}%` }} />
            </dd>
          </div>
        ))}
      </dl>
    </Card>
  )
}

const KINDS = ['metrics', 'log', 'artifacts', 'workspace'] as const

function percentText(part: number, whole: number): string {
  if (part === 0) return '0 %'
  const percent = Math.round((100 * part) / whole)
  return percent === 0 ? '< 1 %' : `${percent} %`
}
