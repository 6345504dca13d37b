#!/usr/bin/env node
// `serve` is the server's own program; every other command is the CLI's, which knows the server only by its API.
if (process.argv[2] === 'serve') await import('@plotline/server/serve')
else await import('../dist/main.js')
