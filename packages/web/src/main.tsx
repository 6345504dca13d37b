// oxlint-disable import/no-unassigned-import -- style sheets have nothing to name
import './theme/tokens.css'
import './theme/base.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/app.tsx'
import { keyOfLink } from './sign-in/key-of-link.ts'
import { takeKey } from './sign-in/take-key.ts'

const root = document.querySelector('#root')
if (root === null) throw new Error('index.html has no #root')

// A link with a key that is pasted into an open tab changes the fragment alone and would load nothing.
window.addEventListener('hashchange', () => {
  if (keyOfLink(window.location.href) !== undefined) window.location.reload()
})

const taken = await takeKey(window)
createRoot(root).render(
  <StrictMode>
    <App isKeyRefused={taken === 'refused'} />
  </StrictMode>,
)
