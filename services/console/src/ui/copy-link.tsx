import { useState, type ReactNode } from 'react';
import { announce } from './announcer.js';
import { Button } from './button.js';

/** Puts the address of this page on the clipboard, for a second person. */
export function CopyLink(): ReactNode {
  const [state, setState] = useState<'ready' | 'copied' | 'failed'>('ready');
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(location.href);
      setState('copied');
      announce('The link is on the clipboard.');
    } catch {
      // Without TLS, or without leave to, there is none; the address bar has it too.
      setState('failed');
    }
  };
  return (
    <Button icon={state === 'copied' ? 'check' : 'link'} onClick={() => void copy()}>
      {labels[state]}
    </Button>
  );
}

const labels = { ready: 'Copy link', copied: 'Copied', failed: 'Copy it from the address bar' } as const;
