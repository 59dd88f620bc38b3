export * from './list-ports.js';
export * from './port.js';
