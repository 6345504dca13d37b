import type { ReactElement, ReactNode } from 'react'
import { Switch as AriaSwitch } from 'react-aria-components'
import styles from './switch.module.css'

export function Switch({
  children,
  isSelected,
  onChange,
  label,
}: {
  readonly children?: ReactNode
  readonly isSelected: boolean
  readonly onChange: (isSelected: boolean) => void
  /** Its name where it shows no words. */
  readonly label?: string
}): ReactElement {
  return (
    <AriaSwitch
      isSelected={isSelected}
      onChange={onChange}
      className={styles['switch'] ?? ''}
      {...(label === undefined ? {} : { 'aria-label': label })}
    >
      <span className={styles['track']} aria-hidden />
      {children}
    </AriaSwitch>
  )
}
