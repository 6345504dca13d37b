import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { useState, type ReactElement } from 'react'
import { LiveProvider, useLiveConnection } from '../live/use-live.tsx'
import { SignInPage } from '../sign-in/sign-in-page.tsx'
import { ToastProvider } from '../ui/toast.tsx'
import { createQueryClient } from './query-client.ts'
import { createAppRouter } from './router.tsx'

/** The whole page. Its one line to the server outlives a session: it is cut and mended, never opened twice. */
export function App({ isKeyRefused }: { readonly isKeyRefused: boolean }): ReactElement {
  return (
    <LiveProvider>
      <SessionGate isKeyRefused={isKeyRefused} />
    </LiveProvider>
  )
}

/** Asks for the key where the server does not know this browser. */
function SessionGate({ isKeyRefused }: { readonly isKeyRefused: boolean }): ReactElement {
  const [isSignedOut, setSignedOut] = useState(isKeyRefused)
  const [queryClient] = useState(() => createQueryClient(() => setSignedOut(true)))
  const [router] = useState(() => createAppRouter(queryClient))
  const live = useLiveConnection()

  if (isSignedOut)
    return (
      <SignInPage
        isKeyRefused={isKeyRefused}
        onSignedIn={() => {
          queryClient.clear()
          live.retryNow()
          setSignedOut(false)
        }}
      />
    )
  return (
    <QueryClientProvider client={queryClient}>
      <ToastProvider>
        <RouterProvider router={router} />
      </ToastProvider>
    </QueryClientProvider>
  )
}
