import { createLink } from '@tanstack/react-router'
import type { ComponentProps, ReactElement } from 'react'
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components'
import styles from './button.module.css'
import { cx } from './cx.ts'

export type ButtonVariant = 'primary' | 'secondary' | 'ghost' | 'danger'
export type ButtonSize = 'sm' | 'md'

interface ButtonLook {
  readonly variant?: ButtonVariant
  readonly size?: ButtonSize
  readonly className?: string
}

export type ButtonProps = Omit<AriaButtonProps, 'className'> & ButtonLook

/** Press with `onPress`. */
export function Button({ variant, size, className, ...props }: ButtonProps): ReactElement {
  return <AriaButton {...props} className={buttonClass({ variant, size, className })} />
}

/** A link to a page of this site that looks like a button. Takes TanStack Router's `to`, `params`, `search`. */
export const LinkButton = createLink(
  ({ variant, size, className, children, ...props }: ComponentProps<'a'> & ButtonLook) => (
    <a {...props} className={buttonClass({ variant, size, className })}>
      {children}
    </a>
  ),
)

function buttonClass({
  variant = 'secondary',
  size = 'md',
  className,
}: {
  readonly [Key in keyof ButtonLook]: ButtonLook[Key] | undefined
}): string {
  return cx(styles['button'], styles[variant], styles[size], className)
}
