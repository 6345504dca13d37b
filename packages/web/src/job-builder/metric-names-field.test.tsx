/// <reference types="vite/client" />
// @vitest-environment happy-dom
import { act, useRef, useState, type ReactElement } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MetricNamesField } from './metric-names-field.tsx'

describe('MetricNamesField', () => {
  let root: Root
  let names: readonly string[]
  beforeEach(() => {
    Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
    const frame = document.body.appendChild(document.createElement('div'))
    names = []
    root = createRoot(frame)
    act(() => root.render(<Form onNames={(now) => (names = now)} />))
  })
  afterEach(() => {
    act(() => root.unmount())
    document.body.replaceChildren()
  })

  it('makes a name of what stands before a comma', () => {
    type('testMetric1,')
    expect(names).toEqual(['testMetric1'])
    expect(box().value).toBe('')
  })

  it.each([['Enter'], ['Tab']])('makes a name of what was typed at %s', (key) => {
    type('loss')
    press(box(), key)
    expect(names).toEqual(['loss'])
  })

  it('has taken what is still being typed when Ctrl+Enter reaches the form', () => {
    let seen: readonly string[] = []
    document.addEventListener('keydown', () => (seen = names), { once: true })
    type('loss')
    press(box(), 'Enter', { ctrlKey: true })
    expect(seen).toEqual(['loss'])
  })

  it('takes a pasted list apart and merges repeats', () => {
    const clipboardData = new DataTransfer()
    clipboardData.setData('text', 'a; b\nc "d"  a')
    act(() => {
      box().dispatchEvent(new ClipboardEvent('paste', { bubbles: true, clipboardData }))
    })
    expect(names).toEqual(['a', 'b', 'c', 'd'])
  })

  it('keeps a bad name, says what is wrong and offers a legal one', () => {
    type('loss.val,')
    expect(text()).toContain(
      'Metric name "loss.val" contains "." Names may contain only letters a-z and A-Z, digits 0-9, "_" and "-".',
    )
    click('Use "loss_val"')
    expect(names).toEqual(['loss_val'])
  })

  it('says so when a name is there already', () => {
    type('a,a,')
    type('a,')
    expect(names).toEqual(['a'])
    expect(text()).toContain('a is already in the list.')
  })

  it('takes the last name away with two presses of Backspace', () => {
    type('a,b,')
    press(box(), 'Backspace')
    expect(document.activeElement?.textContent).toBe('b')
    press(document.activeElement ?? document.body, 'Backspace')
    expect(names).toEqual(['a'])
    expect(text()).toContain('b removed, 1 metric.')
  })

  it('puts a name back into the box to edit it, and back to its place after', () => {
    type('a,b,c,')
    click('Edit b')
    expect(box().value).toBe('b')
    type('B,')
    expect(names).toEqual(['a', 'B', 'c'])
  })
})

function Form({ onNames }: { readonly onNames: (names: readonly string[]) => void }): ReactElement {
  const [names, setNames] = useState<readonly string[]>([])
  const boxRef = useRef<HTMLInputElement>(null)
  const change = (now: readonly string[]): void => {
    onNames(now)
    setNames(now)
  }
  return <MetricNamesField names={names} onChange={change} boxRef={boxRef} />
}

function type(value: string): void {
  act(() => {
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(box(), value)
    box().dispatchEvent(new Event('input', { bubbles: true }))
  })
}

function press(target: Element, key: string, more: KeyboardEventInit = {}): void {
  act(() => {
    target.dispatchEvent(
      new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }),
    )
  })
}

function click(label: string): void {
  const found = [...document.querySelectorAll('button')].find(
    (button) => (button.getAttribute('aria-label') ?? button.textContent) === label,
  )
  act(() => found?.click())
}

function text(): string {
  return document.body.textContent
}

function box(): HTMLInputElement {
  const found = document.querySelector<HTMLInputElement>('input:not([role])')
  if (found === null) throw new Error('There is no box.')
  return found
}
