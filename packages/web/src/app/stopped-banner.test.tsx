/// <reference types="vite/client" />
// @vitest-environment happy-dom
import type { ServerInfo } from '@plotline/api'
import { notifyManager, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import {
  createMemoryHistory,
  createRootRoute,
  createRouter,
  RouterProvider,
} from '@tanstack/react-router'
import { act } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { serverKey } from '../rest/server.ts'
import { ToastProvider } from '../ui/toast.tsx'
import { StoppedBanner } from './stopped-banner.tsx'

const REASON = 'The disk of the data folder is full. Free space, or delete jobs.'

describe('StoppedBanner', () => {
  let root: Root
  let client: QueryClient
  beforeEach(async () => {
    Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
    notifyManager.setScheduler((run) => run())
    client = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } })
    tell(null)
    const router = createRouter({
      routeTree: createRootRoute({ component: StoppedBanner }),
      history: createMemoryHistory(),
    })
    root = createRoot(document.body.appendChild(document.createElement('div')))
    await act(async () => {
      root.render(
        <QueryClientProvider client={client}>
          <ToastProvider>
            <RouterProvider router={router as never} />
          </ToastProvider>
        </QueryClientProvider>,
      )
      await router.load()
    })
  })
  afterEach(() => {
    act(() => root.unmount())
    document.body.replaceChildren()
  })

  it('shows nothing while samples are taken', () => {
    expect(text()).toBe('')
  })

  it('says since when and why no samples are taken, and goes by itself with a word when they are again', () => {
    const since = new Date()
    since.setHours(0, 0, 5, 0)
    act(() => tell({ since: since.getTime(), reason: REASON }))
    expect(alert()).toBe('No samples have been taken since 00:00:05.')
    expect(text()).toContain(REASON)
    expect(document.querySelector('a')?.getAttribute('href')).toBe('/storage')

    act(() => tell(null))
    expect(alert()).toBeUndefined()
    expect(text()).toBe('Samples are taken again.')
  })

  it('does not speak anew when the sizes in the reason change', () => {
    act(() => tell({ since: 1, reason: REASON }))
    const spoken = document.querySelector('[role=alert]')
    act(() => tell({ since: 1, reason: `${REASON} 2 MiB.` }))
    expect(document.querySelector('[role=alert]')).toBe(spoken)
    expect(spoken?.textContent).not.toContain('MiB')
  })

  function tell(stopped: ServerInfo['stopped']): void {
    client.setQueryData<Partial<ServerInfo>>(serverKey, { stopped, warnings: [] })
  }
})

const text = (): string => document.body.textContent.trim()
const alert = (): string | undefined => document.querySelector('[role=alert]')?.textContent
