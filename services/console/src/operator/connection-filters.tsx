import { useState, type ReactNode, type SubmitEvent } from 'react';
import type { ConsoleSession } from '../session/console-session.js';
import { findPerson, type PersonFound } from '../session/people.js';
import { Button } from '../ui/button.js';
import { Select, TextField } from '../ui/field.js';
import { useAction } from '../ui/use-action.js';
import { errorText } from '../ui/states.js';
import type { GatewayStats } from './bodies.js';

export interface Filters {
  readonly user: PersonFound | undefined;
  /** Empty: any. */
  readonly gatewayId: string;
  readonly dialect: string;
}

const DIALECTS = ['chat', 'topics', 'collab', 'watch', 'party'] as const;

interface ConnectionFiltersProps {
  readonly session: ConsoleSession;
  readonly filters: Filters;
  readonly gateways: readonly GatewayStats[];
  readonly nameOf: (gatewayId: string) => string;
  readonly onChange: (filters: Filters) => void;
}

export function ConnectionFilters({ session, filters, gateways, nameOf, onChange }: ConnectionFiltersProps): ReactNode {
  const [who, setWho] = useState('');
  const find = useAction(async () => {
    const wanted = who.trim();
    onChange({ ...filters, user: wanted === '' ? undefined : await findPerson(session, wanted) });
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    void find.run();
  };
  const forget = (): void => {
    setWho('');
    find.forget();
    onChange({ ...filters, user: undefined });
  };
  return (
    <form className="operator-filters" role="search" aria-label="Filter connections" onSubmit={submit}>
      <div className="operator-who">
        <TextField
          label="User"
          placeholder="Username or id"
          spellCheck={false}
          autoCapitalize="none"
          error={find.error === undefined ? undefined : errorText(find.error)}
          value={who}
          onChange={({ target }) => setWho(target.value)}
        />
        <Button type="submit" icon="search" busy={find.busy}>
          Find
        </Button>
        {filters.user !== undefined && (
          <Button variant="quiet" onClick={forget}>
            All users
          </Button>
        )}
      </div>
      <Select
        label="Gateway"
        value={filters.gatewayId}
        onChange={({ target }) => onChange({ ...filters, gatewayId: target.value })}
      >
        <option value="">All gateways</option>
        {gateways.map(({ gateway_id: id }) => (
          <option key={id} value={id}>
            {nameOf(id)}
          </option>
        ))}
      </Select>
      <Select
        label="Dialect"
        value={filters.dialect}
        onChange={({ target }) => onChange({ ...filters, dialect: target.value })}
      >
        <option value="">All dialects</option>
        {DIALECTS.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </Select>
    </form>
  );
}
