import type { ReactElement, ReactNode, Ref } from 'react'
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
  readonly ref?: Ref<HTMLInputElement & HTMLTextAreaElement>
}

export function TextField(props: TextFieldProps): ReactElement {
  const { label, hint, error, isLabelHidden = false, isMono = false, rows, placeholder } = props
  const box = {
    placeholder: placeholder ?? '',
    className: cx(styles['input'], isMono && styles['mono']),
    spellCheck: false,
    ...(props.ref === undefined ? {} : { ref: props.ref }),
  }
  return (
    <AriaTextField
      value={props.value}
      onChange={props.onChange}
      name={props.name ?? ''}
      type={props.type ?? 'text'}
      autoComplete={props.autoComplete ?? 'off'}
      isRequired={props.isRequired ?? false}
      isInvalid={error !== undefined}
      validationBehavior="aria"
      className={cx(styles['field'], props.className)}
      {...(props.onBlur === undefined ? {} : { onBlur: props.onBlur })}
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
