import type { Report, ReportFormat } from '@hilltop/contracts';
import { StreamableFile } from '@nestjs/common';
import { reportHtml } from './report-html.js';
import { reportJunit } from './report-junit.js';
import { reportMarkdown } from './report-markdown.js';

/** How a report is written down, and as what it is sent. */
export const reportWriters = {
  html: { type: 'text/html; charset=utf-8', extension: 'html', write: reportHtml },
  markdown: { type: 'text/markdown; charset=utf-8', extension: 'md', write: reportMarkdown },
  junit: { type: 'application/xml; charset=utf-8', extension: 'xml', write: reportJunit },
  json: {
    type: 'application/json; charset=utf-8',
    extension: 'json',
    write: (report: Report): string => JSON.stringify(report),
  },
} as const satisfies Record<
  ReportFormat,
  { readonly type: string; readonly extension: string; readonly write: (report: Report) => string }
>;

/** Text as the answer of a route, shown by a browser, saved under that name. */
export function textFile(text: string, type: string, name: string): StreamableFile {
  const disposition = `inline; filename*=UTF-8''${encodeURIComponent(name)}`;
  return new StreamableFile(Buffer.from(text), { type, disposition });
}

export function reportFile(report: Report, format: ReportFormat): StreamableFile {
  const { type, extension, write } = reportWriters[format];
  return textFile(write(report), type, `${report.title}.${extension}`);
}
