export { Client, type ClientOptions } from './client.ts'
