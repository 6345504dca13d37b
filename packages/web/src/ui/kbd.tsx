import type { ReactElement } from 'react'
import styles from './kbd.module.css'

/** A key, or keys pressed together: `<Kbd keys="Ctrl Enter" />`. */
export function Kbd({ keys }: { readonly keys: string }): ReactElement {
  return (
    <span className={styles['keys']}>
      {keys.split(' ').map((key) => (
        <kbd key={key} className={styles['key']}>
          {key}
        </kbd>
      ))}
    </span>
  )
}
