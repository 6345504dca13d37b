import type { ReactElement } from 'react'
import type { MetricsStatus } from '../charts/metric-feed.ts'
import { Chip } from '../ui/chip.tsx'
import { countFaults, faultsOf } from './faults.ts'
import styles from './metrics-tab.module.css'

/** What became of everything the job sent: nothing is dropped without a word. */
export function Diagnostics({ status }: { readonly status: MetricsStatus }): ReactElement {
  const { received, undeclared, refused, lost } = status
  const reasons = faultsOf(refused)
  const refusedCount = countFaults(refused)
  return (
    <details className={styles['diagnostics']}>
      <summary>
        <strong>Diagnostics</strong>
        <span>received {received.toLocaleString('en-US')}</span>
        <span>undeclared {undeclared.length}</span>
        {refusedCount > 0 ? (
          <Chip tone="warn">refused {refusedCount.toLocaleString('en-US')}</Chip>
        ) : (
          <span>refused 0</span>
        )}
        {lost.kernel + lost.client > 0 ? (
          <Chip tone="warn">lost {(lost.kernel + lost.client).toLocaleString('en-US')}</Chip>
        ) : (
          <span>lost 0</span>
        )}
      </summary>
      {reasons.length === 0 ? (
        <p>Every line that this job sent was understood.</p>
      ) : (
        <table>
          <caption>Lines that were not stored, by reason</caption>
          <thead>
            <tr>
              <th scope="col">Reason</th>
              <th scope="col">Lines</th>
              <th scope="col">The latest</th>
              <th scope="col">What to do</th>
            </tr>
          </thead>
          <tbody>
            {reasons.map(([reason, { count, lastLine, hint }]) => (
              <tr key={reason}>
                <th scope="row">{reason.replaceAll('_', ' ')}</th>
                <td>{count.toLocaleString('en-US')}</td>
                <td>{lastLine !== null && <code>{lastLine}</code>}</td>
                <td>{hint ?? ''}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {lost.kernel + lost.client > 0 && (
        <p>
          Lost: {lost.kernel.toLocaleString('en-US')} by the kernel (receive buffer full),{' '}
          {lost.client.toLocaleString('en-US')} by the job's own client.
        </p>
      )}
    </details>
  )
}
