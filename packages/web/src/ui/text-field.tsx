import type { ReactElement, ReactNode } from 'react'
import {
  FieldError,
  Input,
  Label,
  Text,
  TextArea,
  TextField as AriaTextField,
} from 'react-aria-components'
import { cx } from './cx.ts'
import styles from './text-field.module.css'

export interface TextFieldProps {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly onBlur?: () => void
  readonly name?: string
  readonly placeholder?: string
  readonly hint?: ReactNode
  /** What is wrong with the value; shown under the field and tied to it. */
  readonly error?: string | undefined
  readonly isRequired?: boolean
  readonly isLabelHidden?: boolean
  readonly isMono?: boolean
  /** Given: a text area of so many lines. */
  readonly rows?: number
  readonly type?: 'text' | 'search' | 'password'
  readonly autoComplete?: string
  readonly className?: string
  /** Gets the box itself, to focus it. */
  readonly boxRef?: (box: HTMLElement | null) => void
}

export function TextField({
  label,
  value,
  onChange,
  onBlur,
  name,
  placeholder = '',
  hint,
  error,
  isRequired = false,
  isLabelHidden = false,
  isMono = false,
  rows,
  type = 'text',
  autoComplete = 'off',
  className,
  boxRef,
}: TextFieldProps): ReactElement {
  const box = {
    placeholder,
    className: cx(styles['input'], isMono && styles['mono']),
    spellCheck: false,
    ...(boxRef === undefined ? {} : { ref: boxRef }),
  }
  return (
    <AriaTextField
      value={value}
      onChange={onChange}
      {...(name === undefined ? {} : { name })}
      type={type}
      autoComplete={autoComplete}
      isRequired={isRequired}
      isInvalid={error !== undefined}
      validationBehavior="aria"
      className={cx(styles['field'], className)}
      {...(onBlur === undefined ? {} : { onBlur })}
      {...(isLabelHidden ? { 'aria-label': label } : {})}
    >
      {!isLabelHidden && <Label className={styles['label'] ?? ''}>{label}</Label>}
      {rows === undefined ? <Input {...box} /> : <TextArea {...box} rows={rows} />}
      {hint !== undefined && (
        <Text slot="description" className={styles['hint'] ?? ''}>
          {hint}
        </Text>
      )}
      <FieldError className={styles['error'] ?? ''}>{error}</FieldError>
    </AriaTextField>
  )
}
