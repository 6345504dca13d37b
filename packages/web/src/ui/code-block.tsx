import type { ReactElement } from 'react'
import styles from './code-block.module.css'
import { CopyButton } from './copy-button.tsx'

/** Code to read and take along. `label` names the copy button: "Copy the Python example". */
export function CodeBlock({
  code,
  label,
}: {
  readonly code: string
  readonly label: string
}): ReactElement {
  return (
    <div className={styles['block']}>
      {/* Wide code scrolls, and what scrolls must be reachable by keyboard. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre className={styles['code']} tabIndex={0}>
        <code>{code}</code>
      </pre>
      <div className={styles['copy']}>
        <CopyButton text={code} label={label} />
      </div>
    </div>
  )
}
