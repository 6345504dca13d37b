import { describe, expect, it } from 'vitest'
import { findFault, programOf } from './find-fault.ts'

describe('programOf', () => {
  it.each([
    ['python main.py', 'python'],
    ['  ./run.sh --x "a; b" 2>&1', './run.sh'],
    [`python -c 'import a; a.b("c || d")'`, 'python'],
    [`python -c "print(\\"a;b\\")"`, 'python'],
    ['train && evaluate', 'train'],
    ['train | tee log', 'train'],
    ['train >log 2>&1', 'train'],
    ['train &> log', 'train'],
    ['train || echo failed', undefined],
    ['train; echo', undefined],
    ['train & wait', undefined],
    ['train &', undefined],
    ['train\necho', undefined],
    ['A=1 train', undefined],
    ['$PROGRAM x', undefined],
    ['(cd x && train)', undefined],
    ['"my program" x', undefined],
  ])('reads %j as %j', (command, program) => {
    expect(programOf(command)).toBe(program)
  })
})

describe('findFault', () => {
  const env = { PATH: process.env['PATH'] ?? '' }
  it.each([
    ['true', '/', undefined],
    ['cd /', '/', undefined],
    ['nosuchprogram x', '/', 'Command not found: nosuchprogram'],
    ['./nosuchprogram x', '/', 'Command not found: ./nosuchprogram'],
    ['./passwd', '/etc', expect.stringMatching(/^Not executable: \.\/passwd\./)],
    ['true', '/no/such/folder', 'The working directory /no/such/folder is not there.'],
    ['true', '/etc/passwd', 'The working directory /etc/passwd is not there.'],
    [['nosuchprogram'], '/no/such', 'The working directory /no/such is not there.'],
  ])('says of %j in %s: %j', (command, workspace, fault) => {
    expect(findFault({ command, workspace, env })).toEqual(fault)
  })
})
