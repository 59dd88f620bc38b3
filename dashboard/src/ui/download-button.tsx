import { errorText } from '@hilltop/contracts';
import { useMutation } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useLab } from '../app/lab-context.js';
import { saveBlob } from '../link/save-blob.js';
import { Button } from './button.js';

export interface DownloadButtonProps {
  readonly artifact: { readonly sha256: string; readonly bytes: number };
  readonly fileName: string;
}

/** Takes an artifact home: fetched with the person's token, then handed to the browser as a file. */
export function DownloadButton({ artifact, fileName }: DownloadButtonProps) {
  const { api } = useLab();
  const download = useMutation({
    mutationFn: () => api.artifact(artifact.sha256),
    onSuccess: (bytes) => saveBlob(bytes, fileName),
  });
  const text = download.isPending ? 'Fetching' : download.isError ? 'Try again' : 'Download';
  return (
    <Button
      size="small"
      icon={<Download size={14} aria-hidden />}
      onClick={() => download.mutate()}
      aria-label={`Download ${fileName}`}
      title={download.isError ? errorText(download.error) : fileName}
    >
      {text}
    </Button>
  );
}
