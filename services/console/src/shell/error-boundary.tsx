import { Component, type ReactNode } from 'react';
import { Button } from '../ui/button.js';
import { Empty, errorText } from '../ui/states.js';

interface State {
  readonly failed: boolean;
  readonly error: unknown;
}

/**
 * A room that fails takes nothing down with it. Only a new page helps where the room's code could not be fetched, for instance
 * since there is a newer version of it. Give it a `key` that changes with the room.
 */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, State> {
  override readonly state: State = { failed: false, error: undefined };

  static getDerivedStateFromError(error: unknown): State {
    return { failed: true, error };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return (
      <div className="room" role="alert">
        <Empty
          title="This room has failed"
          icon="warning"
          action={
            <Button icon="refresh" onClick={() => location.reload()}>
              Load the page again
            </Button>
          }
        >
          {errorText(this.state.error)}
        </Empty>
      </div>
    );
  }
}
