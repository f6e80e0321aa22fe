import pg from 'pg';

/** One connection to a database, for a test that does there what no service would. */
export interface DatabaseSession {
  run(statement: string): Promise<readonly unknown[]>;
  close(): Promise<void>;
}

export async function openDatabase(url: string): Promise<DatabaseSession> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000, query_timeout: 30_000 });
  client.on('error', () => undefined);
  await client.connect();
  return {
    run: async (statement) => {
      const { rows }: { rows: unknown[] } = await client.query(statement);
      return rows;
    },
    close: () => client.end(),
  };
}
