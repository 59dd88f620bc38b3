import { AppModule } from './app.module.js';
import { openApiOf } from './openapi/document.js';

// `node server/dist/openapi.js > contracts/docs/openapi.json`
process.stdout.write(`${JSON.stringify(openApiOf(AppModule), undefined, 2)}\n`);
